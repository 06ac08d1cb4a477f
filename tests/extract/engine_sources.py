"""Where tests find the sources that they extract from: SGLang's release and the packages it imports.

scripts/fetch-sources.sh fetches them. The folder may hold other engines and releases beside them,
so tests take these folders and not all that there are.
"""

import os

ENGINE = ("sglang-0.5.23", "transformers-5.19.0")
VISION = ("timm-1.0.25",)


def folders(project: str | os.PathLike, names: tuple[str, ...] = ENGINE) -> list[str]:
    """The folders of .kdex/sources that have these names, whether they are there or not."""
    return [os.path.join(os.path.abspath(project), ".kdex", "sources", n) for n in names]


def missing(sources: list[str]) -> bool:
    """Whether one of the folders is missing; if so, prints why the test is skipped."""
    absent = [s for s in sources if not os.path.isdir(s)]
    if absent:
        print(f"skipped: {absent[0]} is missing; scripts/fetch-sources.sh fetches it")
    return bool(absent)


def options(sources: list[str]) -> list[str]:
    """`--source` for each folder."""
    return [word for s in sources for word in ("--source", s)]
