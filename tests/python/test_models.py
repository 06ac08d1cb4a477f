# Models declared by annotations: structs, fields, validators, as msgspec and pydantic do it in pure Python.
import dataclasses, typing, inspect, functools, enum, copy, types, abc, contextlib, collections, logging, sys, operator, itertools
from dataclasses import (
    dataclass,
    field,
    fields,
    asdict,
    astuple,
    replace,
    make_dataclass,
    KW_ONLY,
    InitVar,
    is_dataclass,
)
from typing import *


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


class Undefined:
    def __repr__(self):
        return "UNSET"


UNSET = Undefined()


class StructMeta(type):
    def __new__(mcls, name, bases, ns, *, frozen=False, tag=None, **kw):
        annots = {}
        for b in reversed(bases):
            annots.update(getattr(b, "__struct_fields__", {}))
        annots.update(ns.get("__annotations__", {}))
        defaults = {}
        for b in reversed(bases):
            defaults.update(getattr(b, "__struct_defaults__", {}))
        for k in list(annots):
            if k in ns:
                defaults[k] = ns.pop(k)
        ns["__slots__"] = tuple(k for k in ns.get("__annotations__", {}))
        cls = super().__new__(mcls, name, bases, ns, **kw)
        cls.__struct_fields__ = annots
        cls.__struct_defaults__ = defaults
        cls.__frozen__ = frozen
        cls.__tag__ = tag or name.lower()
        cls.__signature__ = inspect.Signature(
            [
                inspect.Parameter(
                    k,
                    inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default=defaults.get(k, inspect.Parameter.empty),
                )
                for k in annots
            ]
        )
        return cls

    def __call__(cls, *args, **kw):
        self = cls.__new__(cls)
        b = cls.__signature__.bind(*args, **kw)
        b.apply_defaults()
        for k, v in b.arguments.items():
            object.__setattr__(self, k, v() if isinstance(v, type) and v in (list, dict) else v)
        if hasattr(self, "__post_init__"):
            self.__post_init__()
        return self


class Struct(metaclass=StructMeta):
    def __setattr__(self, k, v):
        if type(self).__frozen__:
            raise AttributeError(f"immutable type: '{type(self).__name__}'")
        object.__setattr__(self, k, v)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={getattr(self, k)!r}' for k in self.__struct_fields__)})"

    def __eq__(self, o):
        return type(self) is type(o) and all(
            getattr(self, k) == getattr(o, k) for k in self.__struct_fields__
        )


class Req(Struct):
    rid: str
    n: int = 1
    ids: list = list


class Req2(Req, frozen=True, tag="r2"):
    extra: Optional[int] = None

    def __post_init__(self):
        assert self.n > 0, "n must be positive"


print(
    Req("a"),
    Req("a", n=2).ids,
    Req2("b", 3, extra=5),
    Req.__tag__,
    Req2.__tag__,
    Req("a") == Req("a"),
    Req2.__slots__,
    inspect.signature(Req2),
)
err(Req)
err(Req, "a", zz=1)
err(Req2, "a", 0)
r = Req2("q")
err(setattr, r, "n", 5)
err(lambda: r.__dict__)
err(lambda: setattr(Req("a"), "nope", 1))


# validators by decorator and __init_subclass__
def validator(*names):
    def deco(f):
        f.__validates__ = names
        return classmethod(f)

    return deco


class Model:
    __fields__: ClassVar[Dict[str, Any]] = {}

    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        hints = get_type_hints(cls)
        cls.__fields__ = {k: t for k, t in hints.items() if get_origin(t) is not ClassVar}
        cls.__validators__ = {}
        for n, v in inspect.getmembers(cls):
            f = getattr(v, "__func__", None)
            for name in getattr(f, "__validates__", ()):
                cls.__validators__.setdefault(name, []).append(v)

    def __init__(self, **data):
        for k, t in self.__fields__.items():
            if k in data:
                v = data.pop(k)
            elif hasattr(type(self), k):
                v = copy.copy(getattr(type(self), k))
            else:
                raise ValueError(f"field required: {k}")
            origin, args = get_origin(t), get_args(t)
            if origin is Union:
                ok = any(isinstance(v, a) for a in args)
            elif origin is not None:
                ok = isinstance(v, origin)
            else:
                ok = t is Any or isinstance(v, t)
            if not ok:
                raise TypeError(f"{k}: {v!r} is not {t}")
            for val in self.__validators__.get(k, []):
                v = val(v)
            setattr(self, k, v)
        if data:
            raise ValueError(f"extra fields {sorted(data)}")

    def dict(self):
        return {k: getattr(self, k) for k in self.__fields__}


class Cfg(Model):
    name: str
    size: int = 3
    opt: Optional[str] = None
    tags: List[str] = []
    u: Union[int, float] = 1.5

    @validator("size")
    def _pos(cls, v):
        if v < 0:
            raise ValueError("negative")
        return v * 2


class Sub(Cfg):
    size: int = 10

    @validator("name", "opt")
    def _up(cls, v):
        return v.upper() if v else v


print(
    Cfg(name="x").dict(),
    Sub(name="y", opt="z", tags=["a"]).dict(),
    list(Sub.__fields__),
    Sub.__validators__.keys(),
)
err(Cfg)
err(Cfg, name=3)
err(Cfg, name="a", size=-1)
err(Cfg, name="a", zz=1)
err(Cfg, name="a", opt=3)


# dataclasses in depth
@dataclass(order=True)
class P:
    x: int
    y: int = field(default=2, compare=False)
    z: list = field(default_factory=list, repr=False)
    w: InitVar[int] = None
    cv: ClassVar[int] = 7

    def __post_init__(self, w):
        self.z.append(w)


p = P(1, w=5)
print(p, p.z, P(1) < P(2), P(1, 3) == P(1, 4), [f.name for f in fields(P)], P.cv, P.__match_args__)


@dataclass(frozen=True)
class F:
    a: int
    b: str = "x"


f = F(1)
err(lambda: setattr(f, "a", 2))
err(lambda: delattr(f, "a"))
print(hash(F(1)) == hash(F(1)), {F(1): 2}[F(1)], replace(f, b="q"), asdict(f), astuple(f))


@dataclass
class Base:
    a: int
    _: KW_ONLY
    k: int = 3


@dataclass
class D(Base):
    c: int = 5


print(D(1, 2, k=9), D(1), inspect.signature(D))
err(D)
err(D, 1, 2, 3)


@dataclass(slots=True)
class S:
    a: int
    b: int = 2


s = S(1)
print(s, S.__slots__, hasattr(s, "__dict__"))
err(lambda: setattr(s, "q", 1))


@dataclass(kw_only=True)
class K:
    a: int
    b: int = 1


err(K, 1)
print(K(a=2))


@dataclass(eq=False, repr=False)
class N:
    a: int = 1


print(N() == N(), repr(N()).startswith("<__main__.N object"))
M = (
    make_dataclass(
        "M",
        ["x", ("y", int), ("z", int, field(default=4))],
        bases=(Base,),
        namespace={"sum": lambda self: self.y + self.z},
    )
    if False
    else make_dataclass(
        "M",
        ["x", ("y", int), ("z", int, field(default=4))],
        namespace={"sum": lambda self: self.y + self.z},
    )
)
print(M(1, 2), M(1, 2).sum(), is_dataclass(M), is_dataclass(M(1, 2)), is_dataclass(3))


@dataclass
class Nest:
    p: P
    l: List[P]
    d: Dict[str, P]


print(asdict(Nest(P(1), [P(2)], {"k": P(3)})))


def bad():
    @dataclass
    class B:
        a: int = 1
        b: str


err(bad)


def bad2():
    @dataclass
    class B:
        a: list = []


err(bad2)


@dataclass
class Fact:
    a: int = field(metadata={"help": "an a"}, default=0)
    b: "Optional[int]" = None

    def __setattr__(self, k, v):
        object.__setattr__(self, k, v)


print(
    fields(Fact)[0].metadata["help"],
    fields(Fact)[1].type,
    fields(Fact)[0].default,
    fields(Fact)[0].default_factory is dataclasses.MISSING,
    {f.name: getattr(Fact(), f.name) for f in fields(Fact())},
)


@dataclass
class Inh(Fact):
    c: int = dataclasses.field(init=False, default=8)


print(Inh(1), get_type_hints(Inh))
err(Inh, 1, 2, 3)


@functools.total_ordering
class T:
    def __init__(s, v):
        s.v = v

    def __eq__(s, o):
        return s.v == o.v

    def __lt__(s, o):
        return s.v < o.v


print(T(1) <= T(2), T(1) > T(2), T(2) >= T(2))
