# tempfile: files and folders under /tmp, in memory (io.open, os.mkdir).
import io as _io
import os as _os
import shutil as _shutil

tempdir = "/tmp"
template = "tmp"
TMP_MAX = 10000
_count = 0


def gettempdir():
    return tempdir


def gettempdirb():
    return tempdir.encode()


def gettempprefix():
    return template


def _name(suffix, prefix, dir):
    global _count
    while True:
        _count += 1
        path = _os.path.join(
            _os.fspath(dir or tempdir), f"{prefix or template}{_count:08x}{suffix or ''}"
        )
        if not _os.path.exists(path):
            return path


def mktemp(suffix="", prefix=template, dir=None):
    return _name(suffix, prefix, dir)


def mkdtemp(suffix=None, prefix=None, dir=None):
    path = _name(suffix, prefix, dir)
    _os.mkdir(path)
    return path


def mkstemp(*args, **kw):
    raise PermissionError(1, "Operation not permitted", tempdir)  # there are no file descriptors


class _Temporary:
    """The file, gone when it is closed."""

    def __init__(self, file, delete):
        self.file, self.name, self.delete = file, file.name, delete

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __iter__(self):
        return iter(self.file)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        gone = self.file.closed
        self.file.close()
        if self.delete and not gone:
            try:
                _os.unlink(self.name)
            except FileNotFoundError:
                pass


def NamedTemporaryFile(
    mode="w+b",
    buffering=-1,
    encoding=None,
    newline=None,
    suffix=None,
    prefix=None,
    dir=None,
    delete=True,
    *,
    errors=None,
):
    return _Temporary(
        _io.open(_name(suffix, prefix, dir), mode, buffering, encoding, errors, newline), delete
    )


TemporaryFile = NamedTemporaryFile


def SpooledTemporaryFile(max_size=0, mode="w+b", *args, **kw):
    return NamedTemporaryFile(mode, *args, **kw)


class TemporaryDirectory:
    def __init__(
        self, suffix=None, prefix=None, dir=None, ignore_cleanup_errors=False, *, delete=True
    ):
        self.name, self._delete = mkdtemp(suffix, prefix, dir), delete

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r}>"

    def __enter__(self):
        return self.name

    def __exit__(self, *exc):
        if self._delete:
            self.cleanup()

    def cleanup(self):
        _shutil.rmtree(self.name, ignore_errors=True)

    def __class_getitem__(cls, k):
        return cls
