# pathlib: POSIX paths over the machine's file view.
import os
import fnmatch as _fnmatch
from types import GenericAlias


class PurePath:
    __slots__ = ("_root", "_parts", "_text")

    def __new__(cls, *args, **kw):
        if cls is Path:
            cls = PosixPath
        elif cls is PurePath:
            cls = PurePosixPath
        self = object.__new__(cls)
        text = ""
        for a in args:
            a = os.fspath(a)
            if not isinstance(a, str):
                raise TypeError(
                    f"argument should be a str or an os.PathLike object where __fspath__ returns a str, not {type(a).__name__!r}"
                )
            text = a if a.startswith("/") else f"{text}/{a}" if text else a
        return self._set(
            "//"
            if text.startswith("//") and not text.startswith("///")
            else "/"
            if text.startswith("/")
            else "",
            [c for c in text.split("/") if c and c != "."],
        )

    def __init__(self, *args, **kw):
        pass

    def _set(self, root, parts):
        self._root, self._parts = root, parts
        self._text = root + "/".join(parts) or "."
        return self

    def _make(self, root, parts):
        return object.__new__(type(self))._set(root, parts)

    def __fspath__(self):
        return self._text

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"{type(self).__name__}({self._text!r})"

    def __bytes__(self):
        return self._text.encode()

    def as_posix(self):
        return self._text

    def as_uri(self):
        if not self._root:
            raise ValueError("relative path can't be expressed as a file URI")
        return "file://" + self._text

    def __hash__(self):
        return hash(self._text)

    def __eq__(self, o):
        return self._text == o._text if isinstance(o, PurePath) else NotImplemented

    def __lt__(self, o):
        return self._cmp() < o._cmp() if isinstance(o, PurePath) else NotImplemented

    def __le__(self, o):
        return self._cmp() <= o._cmp() if isinstance(o, PurePath) else NotImplemented

    def __gt__(self, o):
        return self._cmp() > o._cmp() if isinstance(o, PurePath) else NotImplemented

    def __ge__(self, o):
        return self._cmp() >= o._cmp() if isinstance(o, PurePath) else NotImplemented

    def _cmp(self):
        return [self._root, *self._parts]

    def __truediv__(self, o):
        try:
            return type(self)(self, o)
        except TypeError:
            return NotImplemented

    def __rtruediv__(self, o):
        try:
            return type(self)(o, self)
        except TypeError:
            return NotImplemented

    def joinpath(self, *o):
        return type(self)(self, *o)

    with_segments = joinpath
    drive = ""

    @property
    def root(self):
        return self._root

    anchor = root

    @property
    def parts(self):
        return ((self._root,) if self._root else ()) + tuple(self._parts)

    @property
    def parent(self):
        return self._make(self._root, self._parts[:-1]) if self._parts else self

    @property
    def parents(self):
        return tuple(
            [self._make(self._root, self._parts[:i]) for i in reversed(range(len(self._parts)))]
        )

    @property
    def name(self):
        return self._parts[-1] if self._parts else ""

    @property
    def suffix(self):
        n = self.name
        i = n.rfind(".")
        return n[i:] if 0 < i < len(n) - 1 else ""

    @property
    def suffixes(self):
        n = self.name
        return [] if n.endswith(".") else ["." + s for s in n.lstrip(".").split(".")[1:]]

    @property
    def stem(self):
        n = self.name
        i = n.rfind(".")
        return n[:i] if 0 < i < len(n) - 1 else n

    def with_name(self, name):
        if not self._parts:
            raise ValueError(f"{self!r} has an empty name")
        if not name or "/" in name or name == ".":
            raise ValueError(f"Invalid name {name!r}")
        return self._make(self._root, self._parts[:-1] + [name])

    def with_stem(self, stem):
        return self.with_name(stem + self.suffix)

    def with_suffix(self, suffix):
        if "/" in suffix or suffix and not suffix.startswith(".") or suffix == ".":
            raise ValueError(f"Invalid suffix {suffix!r}")
        if not self.name:
            raise ValueError(f"{self!r} has an empty name")
        return self.with_name(self.name[: len(self.name) - len(self.suffix)] + suffix)

    def is_absolute(self):
        return bool(self._root)

    def is_relative_to(self, *o):
        p = type(self)(*o)
        return self._root == p._root and self._parts[: len(p._parts)] == p._parts

    def relative_to(self, *o):
        p = type(self)(*o)
        if not self.is_relative_to(p):
            raise ValueError(
                f"{self._text!r} is not in the subpath of {p._text!r} OR one path is relative and the other is absolute."
            )
        return self._make("", self._parts[len(p._parts) :])

    def match(self, pattern):
        pat = type(self)(pattern)
        n = len(pat._parts)
        if pat._root and (not self._root or n != len(self._parts)) or n > len(self._parts):
            return False
        return all(_fnmatch.fnmatchcase(a, b) for a, b in zip(self._parts[-n:], pat._parts))

    def __reduce__(self):
        return type(self), (self._text,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    __class_getitem__ = classmethod(GenericAlias)


class PurePosixPath(PurePath):
    __slots__ = ()


class PureWindowsPath(PurePath):
    __slots__ = ()


class Path(PurePath):
    __slots__ = ()

    @classmethod
    def cwd(cls):
        return cls(os.getcwd())

    @classmethod
    def home(cls):
        return cls("~").expanduser()

    def exists(self, **kw):
        return os.path.exists(self._text)

    def is_file(self):
        return os.path.isfile(self._text)

    def is_dir(self):
        return os.path.isdir(self._text)

    def is_symlink(self):
        return False

    def is_mount(self):
        return False

    def stat(self, **kw):
        return os.stat(self._text)

    lstat = stat

    def absolute(self):
        return type(self)(os.getcwd(), self)

    def resolve(self, strict=False):
        if strict and not self.exists():
            raise FileNotFoundError(2, "No such file or directory", self._text)
        return type(self)(os.path.realpath(self._text))

    def expanduser(self):
        return type(self)(os.path.expanduser(self._text))

    def samefile(self, o):
        return os.path.samefile(self, o)

    def iterdir(self):
        for n in os.listdir(self._text):
            yield self / n

    def glob(self, pattern):
        import glob

        for p in glob.glob(str(self / pattern), recursive=True):
            yield type(self)(p)

    def rglob(self, pattern):
        yield from self.glob("**/" + str(pattern))

    def open(self, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
        import io

        return io.open(self._text, mode, buffering, encoding, errors, newline)

    def read_text(self, encoding=None, errors=None):
        with self.open("r", -1, encoding, errors) as f:
            return f.read()

    def read_bytes(self):
        with self.open("rb") as f:
            return f.read()

    def write_text(self, data, encoding=None, errors=None, newline=None):
        with self.open("w", -1, encoding, errors, newline) as f:
            return f.write(data)

    def write_bytes(self, data):
        with self.open("wb") as f:
            return f.write(data)

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        if exist_ok and self.is_dir():
            return
        (os.makedirs if parents else os.mkdir)(self._text, mode)

    def touch(self, mode=0o666, exist_ok=True):
        if not (exist_ok and self.exists()):
            self.open("x").close()

    def unlink(self, missing_ok=False):
        if self.exists() or not missing_ok:
            os.unlink(self._text)

    def rmdir(self):
        os.rmdir(self._text)

    def rename(self, target):
        os.rename(self._text, target)

    replace = rename

    def symlink_to(self, target, target_is_directory=False):
        os.symlink(target, self._text)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


class PosixPath(Path, PurePosixPath):
    __slots__ = ()
