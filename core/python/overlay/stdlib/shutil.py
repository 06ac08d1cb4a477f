# shutil: questions, and what was written in memory (io.open); nothing else is copied, moved or removed.
import os as _os


class Error(OSError):
    pass


class SameFileError(Error):
    pass


def which(cmd, mode=1, path=None):
    return None


def get_terminal_size(fallback=(80, 24)):
    return _os.terminal_size(fallback)


class _Usage(tuple):
    total, used, free = (property(lambda s, i=i: s[i]) for i in range(3))


def disk_usage(path):
    return _Usage((1 << 40, 0, 1 << 40))


def rmtree(path, ignore_errors=False, onerror=None, **kw):
    import _kdex

    try:
        _kdex.fs_remove(_os.fspath(path))
    except OSError:
        if not ignore_errors:
            raise


def _refuse(src, dst=None, *args, **kw):
    raise PermissionError(1, "Operation not permitted", _os.fspath(dst if dst is not None else src))


copy = copy2 = copyfile = copytree = move = copymode = copystat = make_archive = unpack_archive = (
    copyfileobj
) = _refuse


def ignore_patterns(*patterns):
    return lambda path, names: set()
