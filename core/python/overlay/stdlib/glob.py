# glob: over the machine's file view.
import os
import fnmatch


def _expand(base, parts, hidden):
    if not parts:
        yield base
        return
    head, rest = parts[0], parts[1:]
    if head == "**":
        yield from _expand(base, rest, hidden)
        if os.path.isdir(base or "."):
            for n in os.listdir(base or "."):
                p = os.path.join(base, n)
                if os.path.isdir(p) and not n.startswith("."):
                    yield from _expand(p, parts, hidden)
                elif not rest:
                    yield p
    elif has_magic(head):
        if os.path.isdir(base or "."):
            for n in os.listdir(base or "."):
                if fnmatch.fnmatchcase(n, head) and (
                    hidden or head.startswith(".") or not n.startswith(".")
                ):
                    p = os.path.join(base, n)
                    if not rest or os.path.isdir(p):
                        yield from _expand(p, rest, hidden)
    else:
        p = os.path.join(base, head)
        if os.path.exists(p):
            yield from _expand(p, rest, hidden)


def has_magic(s):
    return any(c in s for c in "*?[")


def iglob(pathname, *, root_dir=None, dir_fd=None, recursive=False, include_hidden=False):
    pathname = os.fspath(pathname)
    base = "/" if pathname.startswith("/") else ""
    parts = [p for p in pathname.split("/") if p]
    if not recursive:
        parts = ["*" if p == "**" else p for p in parts]
    seen = set()
    for p in _expand(base, parts, include_hidden):
        if p and p not in seen:
            seen.add(p)
            yield p


def glob(pathname, **kw):
    return list(iglob(pathname, **kw))


def escape(pathname):
    return "".join(["[" + c + "]" if c in "*?[" else c for c in pathname])
