# Models declared by annotations: structs, fields, validators, as msgspec and pydantic do it in pure Python.
from checks import assert_eq, assert_raises, finish
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


assert_eq(str(Req("a")), "Req(rid='a', n=1, ids=[])")
assert_eq(Req("a", n=2).ids, [])
assert_eq(str(Req2("b", 3, extra=5)), "Req2(rid='b', n=3, ids=[], extra=5)")
assert_eq(Req.__tag__, "req")
assert_eq(Req2.__tag__, "r2")
assert_eq(Req("a") == Req("a"), True)
assert_eq(Req2.__slots__, ("extra",))
assert_eq(str(inspect.signature(Req2)), "(rid, n=1, ids=<class 'list'>, extra=None)")
assert_raises(TypeError, "missing a required argument: 'rid'", Req)
assert_raises(TypeError, "got an unexpected keyword argument 'zz'", Req, "a", zz=1)
assert_raises(AssertionError, "n must be positive", Req2, "a", 0)
r = Req2("q")
assert_raises(AttributeError, "immutable type: 'Req2'", setattr, r, "n", 5)
assert_raises(AttributeError, "'Req2' object has no attribute '__dict__'", lambda: r.__dict__)
assert_raises(
    AttributeError, "'Req' object has no attribute 'nope'", lambda: setattr(Req("a"), "nope", 1)
)


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


assert_eq(Cfg(name="x").dict(), {"name": "x", "size": 6, "opt": None, "tags": [], "u": 1.5})
assert_eq(
    Sub(name="y", opt="z", tags=["a"]).dict(),
    {"name": "Y", "size": 20, "opt": "Z", "tags": ["a"], "u": 1.5},
)
assert_eq(list(Sub.__fields__), ["name", "size", "opt", "tags", "u"])
assert_eq(str(Sub.__validators__.keys()), "dict_keys(['size', 'name', 'opt'])")
assert_raises(ValueError, "field required: name", Cfg)
assert_raises(TypeError, "name: 3 is not <class 'str'>", Cfg, name=3)
assert_raises(ValueError, "negative", Cfg, name="a", size=-1)
assert_raises(ValueError, "extra fields ['zz']", Cfg, name="a", zz=1)
assert_raises(TypeError, "opt: 3 is not typing.Optional[str]", Cfg, name="a", opt=3)


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
assert_eq(str(p), "P(x=1, y=2)")
assert_eq(p.z, [5])
assert_eq(P(1) < P(2), True)
assert_eq(P(1, 3) == P(1, 4), True)
assert_eq([f.name for f in fields(P)], ["x", "y", "z"])
assert_eq(P.cv, 7)
assert_eq(P.__match_args__, ("x", "y", "z", "w"))


@dataclass(frozen=True)
class F:
    a: int
    b: str = "x"


f = F(1)
assert_raises("FrozenInstanceError", "cannot assign to field 'a'", lambda: setattr(f, "a", 2))
assert_raises("FrozenInstanceError", "cannot delete field 'a'", lambda: delattr(f, "a"))
assert_eq(hash(F(1)) == hash(F(1)), True)
assert_eq({F(1): 2}[F(1)], 2)
assert_eq(str(replace(f, b="q")), "F(a=1, b='q')")
assert_eq(asdict(f), {"a": 1, "b": "x"})
assert_eq(astuple(f), (1, "x"))


@dataclass
class Base:
    a: int
    _: KW_ONLY
    k: int = 3


@dataclass
class D(Base):
    c: int = 5


assert_eq(str(D(1, 2, k=9)), "D(a=1, k=9, c=2)")
assert_eq(str(D(1)), "D(a=1, k=3, c=5)")
assert_eq(str(inspect.signature(D)), "(a: int, c: int = 5, *, k: int = 3) -> None")
assert_raises(TypeError, "D.__init__() missing 1 required positional argument: 'a'", D)
assert_raises(
    TypeError, "D.__init__() takes from 2 to 3 positional arguments but 4 were given", D, 1, 2, 3
)


@dataclass(slots=True)
class S:
    a: int
    b: int = 2


s = S(1)
assert_eq(str(s), "S(a=1, b=2)")
assert_eq(S.__slots__, ("a", "b"))
assert_eq(hasattr(s, "__dict__"), False)
assert_raises(AttributeError, "'S' object has no attribute 'q'", lambda: setattr(s, "q", 1))


@dataclass(kw_only=True)
class K:
    a: int
    b: int = 1


assert_raises(TypeError, "K.__init__() takes 1 positional argument but 2 were given", K, 1)
assert_eq(str(K(a=2)), "K(a=2, b=1)")


@dataclass(eq=False, repr=False)
class N:
    a: int = 1


assert_eq(N() == N(), False)
assert_eq(repr(N()).startswith("<__main__.N object"), True)
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
assert_eq(str(M(1, 2)), "M(x=1, y=2, z=4)")
assert_eq(M(1, 2).sum(), 6)
assert_eq(is_dataclass(M), True)
assert_eq(is_dataclass(M(1, 2)), True)
assert_eq(is_dataclass(3), False)


@dataclass
class Nest:
    p: P
    l: List[P]
    d: Dict[str, P]


assert_eq(
    asdict(Nest(P(1), [P(2)], {"k": P(3)})),
    {
        "p": {"x": 1, "y": 2, "z": [None]},
        "l": [{"x": 2, "y": 2, "z": [None]}],
        "d": {"k": {"x": 3, "y": 2, "z": [None]}},
    },
)


def bad():
    @dataclass
    class B:
        a: int = 1
        b: str


assert_raises(TypeError, "non-default argument 'b' follows default argument", bad)


def bad2():
    @dataclass
    class B:
        a: list = []


assert_raises(
    ValueError,
    "mutable default <class 'list'> for field a is not allowed: use default_factory",
    bad2,
)


@dataclass
class Fact:
    a: int = field(metadata={"help": "an a"}, default=0)
    b: "Optional[int]" = None

    def __setattr__(self, k, v):
        object.__setattr__(self, k, v)


assert_eq(fields(Fact)[0].metadata["help"], "an a")
assert_eq(fields(Fact)[1].type, "Optional[int]")
assert_eq(fields(Fact)[0].default, 0)
assert_eq(fields(Fact)[0].default_factory is dataclasses.MISSING, True)
assert_eq({f.name: getattr(Fact(), f.name) for f in fields(Fact())}, {"a": 0, "b": None})


@dataclass
class Inh(Fact):
    c: int = dataclasses.field(init=False, default=8)


assert_eq(str(Inh(1)), "Inh(a=1, b=None, c=8)")
assert_eq(
    str(get_type_hints(Inh)), "{'a': <class 'int'>, 'b': typing.Optional[int], 'c': <class 'int'>}"
)
assert_raises(
    TypeError,
    "Inh.__init__() takes from 1 to 3 positional arguments but 4 were given",
    Inh,
    1,
    2,
    3,
)


@functools.total_ordering
class T:
    def __init__(s, v):
        s.v = v

    def __eq__(s, o):
        return s.v == o.v

    def __lt__(s, o):
        return s.v < o.v


assert_eq(T(1) <= T(2), True)
assert_eq(T(1) > T(2), False)
assert_eq(T(2) >= T(2), True)

finish(69)
