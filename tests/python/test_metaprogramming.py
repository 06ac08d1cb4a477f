# Patterns that configuration code of large projects uses: registries, lazy modules, environment
# descriptors, attribute maps, proxies, decorators with state, dynamic classes.
import copy, enum, functools, os
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Optional, get_type_hints


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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
    print(envs.KDEX_A.get(), envs.KDEX_N.get())
print(envs.KDEX_A.get(), envs.KDEX_N.get())
with envs.KDEX_N.override("x"):
    err(envs.KDEX_N.get)


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
print(c.hidden_size, c.n_embd, c.to_dict(), hasattr(c, "zz"))


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


print(sorted(REG), REG["foo"] is Foo)


class AutoReg:
    registry: ClassVar[dict] = {}

    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        AutoReg.registry[cls.__name__] = cls


class X1(AutoReg):
    pass


class X2(X1):
    pass


print(list(AutoReg.registry))


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


lz = Lazy({"a": lambda: print("made a") or 1})
print(lz.a, lz.a)
err(lambda: lz.b)


@dataclass
class Group:
    x: int = 1
    y: Optional[str] = None
    z: list = field(default_factory=lambda: [0], metadata={"cli": "--z"})

    def merged(self, **kw):
        return type(self)(**{**{f.name: getattr(self, f.name) for f in fields(self)}, **kw})


print(Group().merged(x=5), [f.metadata.get("cli") for f in fields(Group)], get_type_hints(Group))
ns = {k: v for k, v in vars(Group).items() if not k.startswith("__")}
T2 = type("T2", (Group,), {"extra": 3, "__annotations__": {"w": int}, "w": 9})
T2 = dataclass(T2)
print(T2(), T2().extra, sorted(ns))


def make(base, **attrs):
    return type(base)(base.__name__ + "Sub", (base,), attrs)


S = make(Foo, q=1, go=lambda self: self.q + 1)
print(S.__name__, S().go(), S.__mro__[1] is Foo)


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
print(pr.a, pr.b, pr._t.b, bool(Proxy([])), Proxy([7])[0], Proxy(len)([1, 2]))


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
    print("computing")
    return 42


print(expensive(), expensive())
expensive.reset()
print(expensive())


class Singleton(type):
    _inst = {}

    def __call__(cls, *a, **k):
        if cls not in cls._inst:
            cls._inst[cls] = super().__call__(*a, **k)
        return cls._inst[cls]


class Only(metaclass=Singleton):
    def __init__(self, v=0):
        self.v = v


print(Only(1) is Only(2), Only().v)


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
print(PP().run(3), PP.run.__wrapped__.__name__)


class Mode(enum.Enum):
    A = enum.auto()
    B = enum.auto()

    def is_a(self):
        return self == Mode.A

    @classmethod
    def parse(cls, s):
        return cls[s.upper()]


print(Mode.parse("b"), Mode.A.is_a(), {m.name.lower(): m.value for m in Mode})
dispatch = {int: lambda v: v + 1, str: str.upper, list: lambda v: [*map(dispatch_one, v)]}


def dispatch_one(v):
    return dispatch[type(v)](v)


print(dispatch_one([1, "a", [2]]))


def add_prefix(name, prefix):
    return f"{prefix}.{name}" if prefix else name


print(add_prefix("q", "m.0"), add_prefix("q", ""), [add_prefix(str(i), "layers") for i in range(2)])


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
print(
    [(n, type(m).__name__) for n, m in net.named()],
    net.a.weight.data,
    net.name,
    hasattr(net, "zz"),
    getattr(net.a, "bias", None),
)
err(lambda: net.zz)
