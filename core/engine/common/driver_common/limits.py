# Which exceptions say that kdex or the source tree lacks something: no answer of the engine's.
from .python_gaps import NAMES, OPERATORS, TYPES


def does_not_parse(error):
    """A source file's error; other texts that are parsed have no file."""
    return isinstance(error, SyntaxError) and bool(getattr(error, "filename", None))


# Packages that the machine models (core/python/overlay): what one lacks is a gap of kdex's. So is
# what the standard library lacks.
MODELLED = """torch triton numpy msgspec pydantic regex huggingface_hub packaging requests tqdm orjson
compressed_tensors cutlass typing_extensions""".split()


def _is_modelled(module):
    import sys

    package = (module or "").partition(".")[0]
    return package in MODELLED or package in sys.stdlib_module_names and package != "builtins"


def _is_gap(cls, name):
    """Whether the machine's type, or one that it is made of, lacks what CPython's has."""
    kinds = [c.__name__ for c in cls.__mro__ if c.__module__ in ("builtins", "types")]
    if "bytes" in kinds:
        kinds.append("memoryview")  # a view is a copy of its bytes
    return any(name in TYPES.get(kind, "").split() for kind in kinds)


def _lacks_of_python(error):
    """A value of a builtin type lacks a name that it has in CPython."""
    owner, name = getattr(error, "obj", None), getattr(error, "name", None)
    of_class = isinstance(owner, type) and _is_gap(owner, name)
    return of_class or _is_gap(type(owner), name)


def _lacks_operator(text):
    """Values of a builtin type have no operator that they have in CPython."""
    head, _, rest = text.partition("unsupported operand type(s) for ")
    sign, found, kinds = rest.partition(": '")
    kind = kinds.partition("'")[0]
    return not head and found and OPERATORS.get(sign) in TYPES.get(kind, "").split()


def _lacks_name(error, text):
    """A module or class of a modelled package has no such name. What a tensor lacks, torch lacks."""
    if _lacks_of_python(error):
        return True
    owner = getattr(error, "obj", None)
    if owner is not None:
        import torch

        cls = owner if isinstance(owner, type) else type(owner)
        is_module = type(owner).__name__ == "module"
        return not issubclass(cls, torch.Tensor) and _is_modelled(
            owner.__name__ if is_module else cls.__module__
        )
    named = (text.partition(before)[2] for before in ("module '", "from '", "named '"))
    return any(_is_modelled(name.replace("'", ".")) for name in named)


def _takes_no(error, text):
    """A function or class of a modelled package was called with arguments that it does not take."""
    called, found, _ = text.partition("() ")
    words = ("got an unexpected keyword", "takes ", "got multiple values", "missing ")
    if not found or not any(f"() {w}" in text for w in words):
        return False
    import sys
    import traceback

    import torch

    name = called.partition(".")[0]
    frames = traceback.extract_tb(error.__traceback__)
    file = frames[-1].filename if frames else ""
    places = [m for m in sys.modules.values() if getattr(m, "__file__", None) == file]
    for place in [*places, torch, torch.nn, torch.nn.functional]:
        if hasattr(place, name):
            return _is_modelled(getattr(getattr(place, name), "__module__", ""))
    return False


def is_own_limit(error):
    """Whether an exception says that kdex or the source tree lacks something, not a refusal."""
    text = str(error)
    if text.endswith("is not run by kdex") or does_not_parse(error):
        return True
    if isinstance(error, (AttributeError, ImportError)):
        return _lacks_name(error, text)
    if isinstance(error, NameError):
        return text in [f"name '{name}' is not defined" for name in NAMES.split()]
    return isinstance(error, TypeError) and (_lacks_operator(text) or _takes_no(error, text))
