# Patterns that configuration code of large projects uses: registries, lazy modules, environment
# descriptors, attribute maps, proxies, decorators with state, dynamic classes.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import copy, enum, functools, os
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Optional, get_type_hints


class EnvField:
    def __init__(self, default):
        self.default, self.name, self._set = default, None, False

    def __set_name__(self, owner, name):
        self.name = name

    def get(self):
        raw = os.getenv(self.name)
        return self.default if raw is None else self.parse(raw)

    def parse(self, v):
        raise NotImplementedError

    @contextmanager
    def override(self, v):
        old = os.environ.get(self.name)
        os.environ[self.name] = str(v)
        try:
            yield
        finally:
            if old is None:
                os.environ.pop(self.name, None)
            else:
                os.environ[self.name] = old


class EnvBool(EnvField):
    def parse(self, v):
        return v.lower() in ("1", "true")


class EnvInt(EnvField):
    def parse(self, v):
        try:
            return int(v)
        except ValueError:
            raise ValueError(f'"{v}" is not a valid integer value')


class Envs:
    KDEX_A = EnvBool(False)
    KDEX_N = EnvInt(7)


envs = Envs()
with envs.KDEX_A.override(True), envs.KDEX_N.override(9):
    assert_eq(envs.KDEX_A.get(), True)
    assert_eq(envs.KDEX_N.get(), 9)
assert_eq(envs.KDEX_A.get(), False)
assert_eq(envs.KDEX_N.get(), 7)
with envs.KDEX_N.override("x"):
    assert_raises(ValueError, '"x" is not a valid integer value', envs.KDEX_N.get)


class Cfg:
    attribute_map = {"n_embd": "hidden_size"}

    def __setattr__(self, k, v):
        super().__setattr__(self.attribute_map.get(k, k), v)

    def __getattribute__(self, k):
        if k != "attribute_map" and k in super().__getattribute__("attribute_map"):
            k = super().__getattribute__("attribute_map")[k]
        return super().__getattribute__(k)

    def __init__(self, **kw):
        for k, v in kw.items():
            setattr(self, k, v)

    def to_dict(self):
        out = copy.deepcopy(self.__dict__)
        out["type"] = self.__class__.__name__
        return out


c = Cfg(n_embd=5, sub=[1])
assert_eq(c.hidden_size, 5)
assert_eq(c.n_embd, 5)
assert_eq(c.to_dict(), {"hidden_size": 5, "sub": [1], "type": "Cfg"})
assert_eq(hasattr(c, "zz"), False)


class Registry(dict):
    def register(self, name=None):
        def deco(cls):
            self[name or cls.__name__.lower()] = cls
            return cls

        return deco


REG = Registry()


@REG.register()
class Foo:
    pass


@REG.register("other")
class Bar(Foo):
    pass


assert_eq(sorted(REG), ["foo", "other"])
assert_eq(REG["foo"] is Foo, True)


class AutoReg:
    registry: ClassVar[dict] = {}

    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        AutoReg.registry[cls.__name__] = cls


class X1(AutoReg):
    pass


class X2(X1):
    pass


assert_eq(list(AutoReg.registry), ["X1", "X2"])


class Lazy:
    def __init__(self, table):
        self._table = table
        self._cache = {}

    def __getattr__(self, n):
        if n not in self._table:
            raise AttributeError(f"module has no attribute {n}")
        v = self._table[n]()
        setattr(self, n, v)
        return v


lz = Lazy({"a": lambda: note("made a") or 1})
assert_eq(lz.a, 1)
assert_eq(lz.a, 1)
assert_noted(("made a",))
assert_raises(AttributeError, "module has no attribute b", lambda: lz.b)


@dataclass
class Group:
    x: int = 1
    y: Optional[str] = None
    z: list = field(default_factory=lambda: [0], metadata={"cli": "--z"})

    def merged(self, **kw):
        return type(self)(**{**{f.name: getattr(self, f.name) for f in fields(self)}, **kw})


assert_eq(str(Group().merged(x=5)), "Group(x=5, y=None, z=[0])")
assert_eq([f.metadata.get("cli") for f in fields(Group)], [None, None, "--z"])
assert_eq(
    str(get_type_hints(Group)),
    "{'x': <class 'int'>, 'y': typing.Optional[str], 'z': <class 'list'>}",
)
ns = {k: v for k, v in vars(Group).items() if not k.startswith("__")}
T2 = type("T2", (Group,), {"extra": 3, "__annotations__": {"w": int}, "w": 9})
T2 = dataclass(T2)
assert_eq(str(T2()), "T2(x=1, y=None, z=[0], w=9)")
assert_eq(T2().extra, 3)
assert_eq(sorted(ns), ["merged", "x", "y"])


def make(base, **attrs):
    return type(base)(base.__name__ + "Sub", (base,), attrs)


S = make(Foo, q=1, go=lambda self: self.q + 1)
assert_eq(S.__name__, "FooSub")
assert_eq(S().go(), 2)
assert_eq(S.__mro__[1] is Foo, True)


class Proxy:
    def __init__(self, t):
        object.__setattr__(self, "_t", t)

    def __getattr__(self, n):
        return getattr(object.__getattribute__(self, "_t"), n)

    def __setattr__(self, n, v):
        setattr(self._t, n, v)

    def __getitem__(self, k):
        return self._t[k]

    def __call__(self, *a, **k):
        return self._t(*a, **k)

    def __bool__(self):
        return bool(self._t)


pr = Proxy(Cfg(a=1))
pr.b = 2
assert_eq(pr.a, 1)
assert_eq(pr.b, 2)
assert_eq(pr._t.b, 2)
assert_eq(bool(Proxy([])), False)
assert_eq(Proxy([7])[0], 7)
assert_eq(Proxy(len)([1, 2]), 2)


def once(f):
    res = []

    @functools.wraps(f)
    def w(*a, **k):
        if not res:
            res.append(f(*a, **k))
        return res[0]

    w.reset = res.clear
    return w


@once
def expensive():
    note("computing")
    return 42


assert_eq(expensive(), 42)
assert_eq(expensive(), 42)
assert_noted(("computing",))
expensive.reset()
assert_eq(expensive(), 42)
assert_noted(("computing",))


class Singleton(type):
    _inst = {}

    def __call__(cls, *a, **k):
        if cls not in cls._inst:
            cls._inst[cls] = super().__call__(*a, **k)
        return cls._inst[cls]


class Only(metaclass=Singleton):
    def __init__(self, v=0):
        self.v = v


assert_eq(Only(1) is Only(2), True)
assert_eq(Only().v, 1)


def patch(cls, name):
    old = getattr(cls, name)

    @functools.wraps(old)
    def new(self, *a):
        return ("patched", old(self, *a))

    setattr(cls, name, new)


class PP:
    def run(self, x):
        return x


patch(PP, "run")
assert_eq(PP().run(3), ("patched", 3))
assert_eq(PP.run.__wrapped__.__name__, "run")


class Mode(enum.Enum):
    A = enum.auto()
    B = enum.auto()

    def is_a(self):
        return self == Mode.A

    @classmethod
    def parse(cls, s):
        return cls[s.upper()]


assert_eq(str(Mode.parse("b")), "Mode.B")
assert_eq(Mode.A.is_a(), True)
assert_eq({m.name.lower(): m.value for m in Mode}, {"a": 1, "b": 2})
dispatch = {int: lambda v: v + 1, str: str.upper, list: lambda v: [*map(dispatch_one, v)]}


def dispatch_one(v):
    return dispatch[type(v)](v)


assert_eq(dispatch_one([1, "a", [2]]), [2, "A", [3]])


def add_prefix(name, prefix):
    return f"{prefix}.{name}" if prefix else name


assert_eq(add_prefix("q", "m.0"), "m.0.q")
assert_eq(add_prefix("q", ""), "q")
assert_eq([add_prefix(str(i), "layers") for i in range(2)], ["layers.0", "layers.1"])


class Param:
    def __init__(self, data):
        self.data = data

    def __getattr__(self, n):
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{n}'")


class Mod:
    def __init__(self):
        object.__setattr__(self, "_parameters", {})
        object.__setattr__(self, "_modules", {})

    def __setattr__(self, n, v):
        if isinstance(v, Param):
            self._parameters[n] = v
        elif isinstance(v, Mod):
            self._modules[n] = v
        else:
            object.__setattr__(self, n, v)

    def __getattr__(self, n):
        for d in ("_parameters", "_modules"):
            t = self.__dict__.get(d)
            if t is not None and n in t:
                return t[n]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{n}'")

    def named(self, prefix=""):
        yield prefix, self
        for n, m in self._modules.items():
            yield from m.named(prefix + ("." if prefix else "") + n)


class Lin(Mod):
    def __init__(self, i, o, **kw):
        super().__init__()
        self.i, self.o = i, o
        self.weight = Param((o, i))


class Net(Mod):
    def __init__(self):
        super().__init__()
        self.a = Lin(1, 2)
        self.b = Lin(2, 3)
        self.name = "net"


net = Net()
assert_eq(
    [(n, type(m).__name__) for n, m in net.named()], [("", "Net"), ("a", "Lin"), ("b", "Lin")]
)
assert_eq(net.a.weight.data, (2, 1))
assert_eq(net.name, "net")
assert_eq(hasattr(net, "zz"), False)
assert_eq(getattr(net.a, "bias", None), None)
assert_raises(AttributeError, "'Net' object has no attribute 'zz'", lambda: net.zz)

finish(53)
