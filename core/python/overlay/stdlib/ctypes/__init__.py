# ctypes: no library can be loaded; the simple types hold their value.


class _Simple:
    def __init__(self, value=0):
        self.value = value

    @classmethod
    def from_param(cls, v):
        return v

    def __class_getitem__(cls, k):
        return cls

    def __mul__(cls, n):
        return list


def _type(name):
    return type(name, (_Simple,), {})


(
    c_int,
    c_uint,
    c_long,
    c_ulong,
    c_size_t,
    c_void_p,
    c_char_p,
    c_char,
    c_bool,
    c_float,
    c_double,
    c_uint8,
    c_int8,
    c_uint16,
    c_int16,
    c_uint32,
    c_int32,
    c_uint64,
    c_int64,
    c_longlong,
    c_ulonglong,
    c_ubyte,
    c_byte,
    c_short,
    c_ushort,
    py_object,
    c_ssize_t,
) = map(
    _type,
    "c_int c_uint c_long c_ulong c_size_t c_void_p c_char_p c_char c_bool c_float c_double c_uint8 c_int8 c_uint16 c_int16 c_uint32 c_int32 c_uint64 c_int64 c_longlong c_ulonglong c_ubyte c_byte c_short c_ushort py_object c_ssize_t".split(),
)
RTLD_GLOBAL, RTLD_LOCAL = 256, 0


class Structure:
    pass


class Union(Structure):
    pass


class ArgumentError(Exception):
    pass


class CDLL:
    def __init__(self, name=None, mode=0, **kw):
        raise OSError(f"{name}: cannot open shared object file: No such file or directory")


PyDLL = CDLL


class _Loader:
    def LoadLibrary(self, name):
        return CDLL(name)


cdll = _Loader()


def POINTER(t):
    return c_void_p


def CFUNCTYPE(*a, **k):
    return lambda f: f


def byref(o, offset=0):
    return o


pointer = cast = byref


def sizeof(t):
    return 8


def addressof(o):
    return 0


def memmove(*a):
    raise PermissionError(1, "Operation not permitted")


memset = create_string_buffer = string_at = memmove
