# sys: facts of the interpreter that the machine presents.
import _kdex


class _VersionInfo(tuple):
    major = property(lambda s: s[0])
    minor = property(lambda s: s[1])
    micro = property(lambda s: s[2])
    releaselevel = property(lambda s: s[3])
    serial = property(lambda s: s[4])

    def __repr__(self):
        return "sys.version_info(major=%r, minor=%r, micro=%r, releaselevel=%r, serial=%r)" % self


class _Record:
    def __init__(self, **kw):
        self.__dict__.update(kw)


class _Stream:
    _native = True
    encoding = "utf-8"
    errors = "strict"
    closed = False

    def __init__(self, name, out):
        self.name, self._out = name, out

    def write(self, s):
        self._out(s)
        return len(s)

    def writelines(self, lines):
        for s in lines:
            self._out(s)

    def flush(self):
        pass

    def isatty(self):
        return False

    def fileno(self):
        return 1 if self.name == "<stdout>" else 2

    def writable(self):
        return True

    def reconfigure(self, **kw):
        pass


class _Empty(_Stream):
    def read(self, n=-1):
        return ""

    def readline(self, n=-1):
        return ""

    def __iter__(self):
        return iter(())


version_info = _VersionInfo((3, 11, 7, "final", 0))
version = "3.11.7 (main) [kdex]"
hexversion = 0x030B07F0
api_version = 1013
platform = "linux"
maxsize = 2**63 - 1
maxunicode = 0x10FFFF
byteorder = "little"
argv = [""]
path = []
meta_path = []
path_hooks = []
path_importer_cache = {}
orig_argv = []
executable = "/usr/bin/python3"
prefix = base_prefix = exec_prefix = base_exec_prefix = "/usr"
platlibdir = "lib"
warnoptions = []
builtin_module_names = ("builtins", "math", "sys")
stdlib_module_names = frozenset(
    "abc argparse array ast asyncio atexit base64 bisect builtins collections concurrent contextlib contextvars copy ctypes dataclasses datetime decimal difflib enum errno fcntl fnmatch fractions functools gc getpass glob hashlib heapq importlib inspect io ipaddress itertools json keyword logging math multiprocessing numbers operator os pathlib pickle pkgutil platform pprint queue random re secrets shutil signal site socket statistics string struct subprocess sys sysconfig tempfile textwrap threading time timeit traceback types typing unittest urllib uuid warnings weakref zlib".split()
)
dont_write_bytecode = True
modules = _kdex.modules
stdout = __stdout__ = _Stream("<stdout>", _kdex.stdout_write)
stderr = __stderr__ = _Stream("<stderr>", _kdex.stderr_write)
stdin = __stdin__ = _Empty("<stdin>", None)
implementation = _Record(
    name="cpython", cache_tag="cpython-311", version=version_info, hexversion=hexversion
)
flags = _Record(
    optimize=0,
    debug=0,
    inspect=0,
    interactive=0,
    verbose=0,
    utf8_mode=0,
    dev_mode=False,
    no_site=0,
    ignore_environment=0,
    safe_path=False,
)
float_info = _Record(
    max=1.7976931348623157e308,
    min=2.2250738585072014e-308,
    epsilon=2.220446049250313e-16,
    dig=15,
    mant_dig=53,
    max_exp=1024,
    min_exp=-1021,
    radix=2,
)
int_info = _Record(bits_per_digit=30, sizeof_digit=4)
hash_info = _Record(width=64, modulus=2**61 - 1, inf=314159, nan=0)
_limit = [1000]


def exc_info():
    e = _kdex.current_exception(1)
    if e is None:
        return (None, None, None)
    return (type(e), e, e.__traceback__)


def exception():
    return _kdex.current_exception(1)


def getrecursionlimit():
    return _limit[0]


def setrecursionlimit(n):
    _limit[0] = n


def exit(code=None, /):
    raise SystemExit(code)


def intern(s, /):
    return s


def getsizeof(o, default=64):
    return 64


def getrefcount(o, /):
    return 2


def getdefaultencoding():
    return "utf-8"


def getfilesystemencoding():
    return "utf-8"


def gettrace():
    return None


def settrace(f, /):
    pass


def getprofile():
    return None


def setprofile(f, /):
    pass


def setswitchinterval(n, /):
    pass


def audit(event, *args):
    pass


def is_finalizing():
    return False


def excepthook(t, v, tb, /):
    pass


def _getframe(depth=0, /):
    return Frame(_kdex.caller_globals(depth + 1), _kdex.caller_line(depth + 1))


class Frame:
    def __init__(self, g, line=0):
        self.f_globals = g
        self.f_locals = {}
        self.f_back = None
        self.f_lineno = line

        class Code:
            co_filename = g.get("__file__", "")
            co_name = "<module>"
            co_firstlineno = 1

        self.f_code = Code
