# os.path: paths as text; what exists is asked of the machine's file view:
#   _kdex.fs_stat(path) -> None or (is_dir, size, mtime); None for anything outside the readable roots
import _kdex

sep, curdir, pardir, extsep, altsep, pathsep, devnull = "/", ".", "..", ".", None, ":", "/dev/null"


def _s(p):
    if type(p) is str:
        return p
    f = getattr(type(p), "__fspath__", None)
    if f is not None:
        return f(p)
    if isinstance(p, (str, bytes)):
        return p
    raise TypeError(f"expected str, bytes or os.PathLike object, not {type(p).__name__}")


def join(a, *p):
    path = _s(a)
    for b in p:
        b = _s(b)
        if b.startswith("/"):
            path = b
        elif not path or path.endswith("/"):
            path += b
        else:
            path += "/" + b
    return path


def split(p):
    p = _s(p)
    i = p.rfind("/") + 1
    head, tail = p[:i], p[i:]
    if head and head != "/" * len(head):
        head = head.rstrip("/")
    return head, tail


def basename(p):
    return split(p)[1]


def dirname(p):
    return split(p)[0]


def splitext(p):
    p = _s(p)
    i, dot = p.rfind("/"), p.rfind(".")
    if dot > i:
        k = i + 1
        while k < dot:
            if p[k] != ".":
                return p[:dot], p[dot:]
            k += 1
    return p, ""


def splitdrive(p):
    return "", _s(p)


def isabs(p):
    return _s(p).startswith("/")


def normpath(p):
    p = _s(p)
    if not p:
        return "."
    lead = 2 if p.startswith("//") and not p.startswith("///") else 1 if p.startswith("/") else 0
    out = []
    for c in p.split("/"):
        if c in ("", "."):
            continue
        if c != ".." or not lead and not out or out and out[-1] == "..":
            out.append(c)
        elif out:
            out.pop()
    return "/" * lead + "/".join(out) or "."


def abspath(p):
    p = _s(p)
    return normpath(p if p.startswith("/") else "/" + p)


def realpath(p, *, strict=False):
    return abspath(p)


def expanduser(p):
    p = _s(p)
    if p == "~" or p.startswith("~/"):
        return _kdex.environ.get("HOME", "/root").rstrip("/") + p[1:] or "/"
    return p


def expandvars(p):
    p = _s(p)
    out, i = "", 0
    while i < len(p):
        if p[i] == "$" and i + 1 < len(p):
            if p[i + 1] == "{":
                j = p.find("}", i)
                name, end = p[i + 2 : j], j + 1
                if j < 0:
                    name = ""
            else:
                end = i + 1
                while end < len(p) and (p[end].isalnum() or p[end] == "_"):
                    end += 1
                name = p[i + 1 : end]
            if name in _kdex.environ:
                out += _kdex.environ[name]
                i = end
                continue
        out += p[i]
        i += 1
    return out


def exists(p):
    return not isinstance(p, int) and _kdex.fs_stat(_s(p)) is not None


lexists = exists


def isdir(p):
    st = None if isinstance(p, int) else _kdex.fs_stat(_s(p))
    return st is not None and st[0]


def isfile(p):
    st = None if isinstance(p, int) else _kdex.fs_stat(_s(p))
    return st is not None and not st[0]


def islink(p):
    return False


def ismount(p):
    return False


def _stat(p):
    st = _kdex.fs_stat(_s(p))
    if st is None:
        raise FileNotFoundError(2, "No such file or directory", _s(p))
    return st


def getsize(p):
    return _stat(p)[1]


def getmtime(p):
    return _stat(p)[2]


getctime = getatime = getmtime


def commonprefix(m):
    if not m:
        return ""
    a, b = min(m), max(m)
    for i, c in enumerate(a):
        if c != b[i]:
            return a[:i]
    return a


def commonpath(paths):
    if not paths:
        raise ValueError("commonpath() arg is an empty sequence")
    parts = [[c for c in _s(p).split("/") if c and c != "."] for p in paths]
    root = "/" if _s(paths[0]).startswith("/") else ""
    a, b = min(parts), max(parts)
    k = 0
    while k < len(a) and a[k] == b[k]:
        k += 1
    return root + "/".join(a[:k])


def relpath(path, start="."):
    if not path:
        raise ValueError("no path specified")
    a = [c for c in abspath(start).split("/") if c]
    b = [c for c in abspath(path).split("/") if c]
    k = 0
    while k < len(a) and k < len(b) and a[k] == b[k]:
        k += 1
    return "/".join([".."] * (len(a) - k) + b[k:]) or "."


def normcase(p):
    return _s(p)


def samefile(a, b):
    return abspath(a) == abspath(b)


supports_unicode_filenames = False
