# types: names for the builtin types that have no name of their own, and a few small classes.
import builtins as _builtins


def _f():
    pass


def _gen():
    yield


async def _coro():
    pass


async def _agen():
    yield


class _C:
    def m(self):
        pass


def _cell():
    x = 1

    def g():
        return x

    return g.__closure__[0]


FunctionType = LambdaType = type(_f)
CodeType = type(_f.__code__)
MappingProxyType = type(type.__dict__)
GeneratorType = type(_gen())
CoroutineType = type(_coro())
AsyncGeneratorType = type(_agen())
CellType = type(_cell())
MethodType = type(_C().m)
BuiltinFunctionType = BuiltinMethodType = type(len)
MethodDescriptorType = type(str.join)
WrapperDescriptorType = type(object.__init__)
MethodWrapperType = type(object().__str__)
ClassMethodDescriptorType = type(dict.__dict__["fromkeys"])
GetSetDescriptorType = type(type(_f).__dict__.get("__code__", property()))
MemberDescriptorType = GetSetDescriptorType
ModuleType = type(_builtins)
NoneType = type(None)
EllipsisType = type(...)
NotImplementedType = type(NotImplemented)
GenericAlias = type(list[int])
UnionType = type(int | str)


class TracebackType:
    tb_next = None
    tb_frame = None
    tb_lasti = -1

    def __init__(self, exception=None, line=0):
        self._exception = exception
        self.tb_lineno = line


class FrameType:
    pass


class SimpleNamespace:
    def __init__(self, /, **kw):
        self.__dict__.update(kw)

    def __repr__(self):
        name = "namespace" if type(self) is SimpleNamespace else type(self).__name__
        return name + "(" + ", ".join(f"{k}={v!r}" for k, v in self.__dict__.items()) + ")"

    def __eq__(self, other):
        if isinstance(self, SimpleNamespace) and isinstance(other, SimpleNamespace):
            return self.__dict__ == other.__dict__
        return NotImplemented

    __hash__ = None


class DynamicClassAttribute:
    def __init__(self, fget=None, fset=None, fdel=None, doc=None):
        self.fget = fget
        self.fset = fset
        self.fdel = fdel
        self.__doc__ = doc or getattr(fget, "__doc__", None)

    def __get__(self, inst, owner=None):
        if inst is None:
            raise AttributeError()
        if self.fget is None:
            raise AttributeError("unreadable attribute")
        return self.fget(inst)

    def __set__(self, inst, value):
        if self.fset is None:
            raise AttributeError("can't set attribute")
        self.fset(inst, value)

    def __delete__(self, inst):
        if self.fdel is None:
            raise AttributeError("can't delete attribute")
        self.fdel(inst)

    def getter(self, f):
        return type(self)(f, self.fset, self.fdel, self.__doc__)

    def setter(self, f):
        return type(self)(self.fget, f, self.fdel, self.__doc__)

    def deleter(self, f):
        return type(self)(self.fget, self.fset, f, self.__doc__)


def resolve_bases(bases):
    out = []
    for b in bases:
        if not isinstance(b, type) and hasattr(b, "__mro_entries__"):
            out.extend(b.__mro_entries__(bases))
        else:
            out.append(b)
    return tuple(out)


def prepare_class(name, bases=(), kwds=None):
    kwds = dict(kwds or {})
    meta = kwds.pop("metaclass", None)
    if meta is None:
        meta = type(bases[0]) if bases else type
    if isinstance(meta, type):
        for b in bases:
            if issubclass(type(b), meta):
                meta = type(b)
    ns = meta.__prepare__(name, bases, **kwds) if hasattr(meta, "__prepare__") else {}
    return meta, ns, kwds


def new_class(name, bases=(), kwds=None, exec_body=None):
    resolved = resolve_bases(bases)
    meta, ns, kwds = prepare_class(name, resolved, kwds)
    if exec_body is not None:
        exec_body(ns)
    if resolved != tuple(bases):
        ns["__orig_bases__"] = tuple(bases)
    return meta(name, resolved, ns, **kwds)


def get_original_bases(cls):
    return cls.__dict__.get("__orig_bases__", cls.__bases__)


def coroutine(f):
    return f
