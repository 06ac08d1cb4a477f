# os: the environment (a copy, _kdex.environ), paths, the file view. Nothing outside is touched: what is
# written under /tmp or beside the readable files stays in memory; what would write elsewhere, run or signal is
# refused with PermissionError.
import _kdex
from os import path
from abc import ABC as _ABC, abstractmethod as _abstractmethod
from collections.abc import MutableMapping as _MutableMapping

name = "posix"
sep, curdir, pardir, extsep, altsep, pathsep, linesep, devnull = (
    "/",
    ".",
    "..",
    ".",
    None,
    ":",
    "\n",
    "/dev/null",
)
O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK = (
    0,
    1,
    2,
    64,
    128,
    512,
    1024,
    2048,
)
F_OK, R_OK, W_OK, X_OK = 0, 4, 2, 1
SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2
EX_OK = 0
RTLD_LAZY, RTLD_NOW, RTLD_GLOBAL, RTLD_LOCAL = 1, 2, 256, 0
error = OSError


class _Environ(_MutableMapping):
    def __init__(self, data):
        self._data = data

    def __getitem__(self, key):
        if not isinstance(key, str):
            raise TypeError("str expected, not %s" % type(key).__name__)
        return self._data[key]

    def __setitem__(self, key, value):
        for v in (key, value):
            if not isinstance(v, str):
                raise TypeError("str expected, not %s" % type(v).__name__)
        self._data[key] = value

    def __delitem__(self, key):
        del self._data[key]

    def __iter__(self):
        return iter(list(self._data))

    def __len__(self):
        return len(self._data)

    def __contains__(self, key):
        return key in self._data

    def get(self, key, default=None):
        return self._data.get(key, default)

    def __repr__(self):
        return "environ({" + ", ".join(f"{k!r}: {v!r}" for k, v in self._data.items()) + "})"

    def copy(self):
        return dict(self._data)

    def __or__(self, other):
        return {**self._data, **other}


environ = _Environ(_kdex.environ)


def getenv(key, default=None):
    return _kdex.environ.get(key, default)


def putenv(key, value):
    environ[key] = value


def unsetenv(key):
    _kdex.environ.pop(key, None)


class PathLike(_ABC):
    @_abstractmethod
    def __fspath__(self):
        raise NotImplementedError

    @classmethod
    def __subclasshook__(cls, C):
        if cls is PathLike:
            return any("__fspath__" in b.__dict__ for b in C.__mro__) or NotImplemented
        return NotImplemented

    @classmethod
    def __class_getitem__(cls, k):
        from types import GenericAlias

        return GenericAlias(cls, k)


def fspath(p):
    if isinstance(p, (str, bytes)):
        return p
    f = getattr(type(p), "__fspath__", None)
    if f is None:
        raise TypeError("expected str, bytes or os.PathLike object, not " + type(p).__name__)
    return f(p)


def fsencode(p):
    p = fspath(p)
    return p if isinstance(p, bytes) else p.encode()


def fsdecode(p):
    p = fspath(p)
    return p if isinstance(p, str) else p.decode()


class stat_result(tuple):
    st_mode = property(lambda s: s[0])
    st_size = property(lambda s: s[6])
    st_mtime = st_atime = st_ctime = property(lambda s: s[8])
    st_ino = st_dev = st_uid = st_gid = property(lambda s: 0)
    st_nlink = property(lambda s: 1)
    st_mtime_ns = property(lambda s: int(s[8] * 1e9))


def stat(p, *, dir_fd=None, follow_symlinks=True):
    d, size, mtime = path._stat(p)
    return stat_result((0o40755 if d else 0o100644, 0, 0, 1, 0, 0, size, mtime, mtime, mtime))


lstat = stat


def listdir(p="."):
    st = path._stat(p)
    if not st[0]:
        raise NotADirectoryError(20, "Not a directory", fspath(p))
    return list(_kdex.fs_listdir(fspath(p)))


class DirEntry:
    def __init__(self, folder, name):
        self.name, self.path = name, path.join(folder, name)

    def is_dir(self, *, follow_symlinks=True):
        return path.isdir(self.path)

    def is_file(self, *, follow_symlinks=True):
        return path.isfile(self.path)

    def is_symlink(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return stat(self.path)

    def __fspath__(self):
        return self.path


class _Scan(list):
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def close(self):
        pass


def scandir(p="."):
    return _Scan([DirEntry(fspath(p), n) for n in listdir(p)])


def walk(top, topdown=True, onerror=None, followlinks=False):
    top = fspath(top)
    if not path.isdir(top):
        return
    dirs, files = [], []
    for n in listdir(top):
        (dirs if path.isdir(path.join(top, n)) else files).append(n)
    if topdown:
        yield top, dirs, files
    for d in dirs:
        yield from walk(path.join(top, d), topdown, onerror, followlinks)
    if not topdown:
        yield top, dirs, files


def access(p, mode, **kw):
    return path.exists(p) and not mode & W_OK


def _refused(what):
    def f(*args, **kw):
        raise PermissionError(
            1, "Operation not permitted", args[0] if args and isinstance(args[0], str) else None
        )

    f.__name__ = f.__qualname__ = what
    return f


def makedirs(name, mode=0o777, exist_ok=False):
    if exist_ok and path.isdir(name):
        return
    above = path.dirname(fspath(name).rstrip("/"))
    if above and not path.exists(above):
        makedirs(above, exist_ok=True)
    mkdir(name)


def mkdir(p, mode=0o777, *, dir_fd=None):
    _kdex.fs_mkdir(fspath(p))


def remove(p, *, dir_fd=None):
    if path.isdir(p):
        raise IsADirectoryError(21, "Is a directory", fspath(p))
    _kdex.fs_remove(fspath(p))


unlink = remove


def rmdir(p, *, dir_fd=None):
    if listdir(p):
        raise OSError(39, "Directory not empty", fspath(p))
    _kdex.fs_remove(fspath(p))


def rename(src, dst, **kw):
    _kdex.fs_write(fspath(dst), _kdex.fs_read(fspath(src)))
    remove(src)


replace = rename
(
    symlink,
    link,
    truncate,
    chmod,
    chown,
    utime,
    open,
    chdir,
    kill,
    killpg,
    fork,
    execv,
    execvp,
    execve,
    system,
    popen,
    removedirs,
    renames,
    mkfifo,
    setsid,
    dup,
    dup2,
    pipe,
    posix_spawn,
) = map(
    _refused,
    "symlink link truncate chmod chown utime open chdir kill killpg fork execv execvp execve system popen removedirs renames mkfifo setsid dup dup2 pipe posix_spawn".split(),
)


def readlink(p):
    raise OSError(22, "Invalid argument", fspath(p))


def getcwd():
    return "/"


def getpid():
    return 1


def getppid():
    return 0


def getuid():
    return 1000


geteuid = getgid = getegid = getuid


def getlogin():
    return "kdex"


def getpgid(pid):
    return 1


def getpgrp():
    return 1


def cpu_count():
    return 1


def process_cpu_count():
    return 1


def sched_getaffinity(pid):
    return {0}


def sched_setaffinity(pid, mask):
    pass


def getloadavg():
    return (0.0, 0.0, 0.0)


def umask(m):
    return 0o22


def nice(n):
    return 0


def isatty(fd):
    return False


def get_terminal_size(fd=1):
    return terminal_size((80, 24))


class terminal_size(tuple):
    columns = property(lambda s: s[0])
    lines = property(lambda s: s[1])


def urandom(n):
    return bytes(n)


def register_at_fork(**kw):
    pass


def close(fd):
    pass


def _exit(code):
    raise SystemExit(code)


def abort():
    raise SystemExit(134)


def strerror(n):
    import errno

    return errno._TEXT.get(n, f"Unknown error {n}")


def uname():
    return _Uname(("Linux", "kdex", "5.15.0", "#1 SMP", "x86_64"))


class _Uname(tuple):
    sysname, nodename, release, version, machine = (property(lambda s, i=i: s[i]) for i in range(5))


def sysconf(name):
    return {
        "SC_PAGE_SIZE": 4096,
        "SC_PAGESIZE": 4096,
        "SC_PHYS_PAGES": 4194304,
        "SC_NPROCESSORS_ONLN": 1,
    }[name]


def get_exec_path(env=None):
    return (env or environ).get("PATH", "/bin:/usr/bin").split(":")


def getxattr(*a):
    raise OSError(95, "Operation not supported")


def waitpid(pid, options):
    raise ChildProcessError(10, "No child processes")
