# abc: abstract methods and properties, register, subclass hooks; inspect, copy, types, weakref.
import abc, copy, inspect, types, weakref
from abc import ABC, ABCMeta, abstractmethod


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


class A(ABC):
    @abstractmethod
    def f(self):
        return "A.f"

    @property
    @abstractmethod
    def p(self): ...
    @classmethod
    @abstractmethod
    def c(cls): ...
    @staticmethod
    @abstractmethod
    def s(): ...
    def concrete(self):
        return "concrete " + self.f()


class Half(A):
    def f(self):
        return "Half"


class Full(Half):
    p = 5

    @classmethod
    def c(cls):
        return "c"

    @staticmethod
    def s():
        return "s"


err(A)
err(Half)
print(
    Full().concrete(),
    Full().p,
    Full.c(),
    sorted(A.__abstractmethods__),
    sorted(Half.__abstractmethods__),
    Full.__abstractmethods__ == frozenset(),
    inspect.isabstract(A),
    inspect.isabstract(Full),
    super(Half, Full()).f(),
)


class One(ABC):
    @abstractmethod
    def only(self): ...


err(One)


class WithMeta(metaclass=ABCMeta):
    def ok(self):
        return 1


print(WithMeta().ok(), type(A) is ABCMeta, isinstance(A, type))


class Reg(ABC):
    pass


@Reg.register
class R1:
    pass


print(isinstance(R1(), Reg), issubclass(R1, Reg), isinstance(3, Reg))


class Hook(ABC):
    @classmethod
    def __subclasshook__(cls, c):
        if cls is Hook:
            return any("quack" in b.__dict__ for b in c.__mro__) or NotImplemented
        return NotImplemented


class Duck:
    def quack(self):
        pass


print(isinstance(Duck(), Hook), issubclass(int, Hook))


class AbsInit(ABC):
    def __init__(self, x):
        self.x = x

    @abstractmethod
    def go(self): ...


class C2(AbsInit):
    def go(self):
        return self.x


print(C2(4).go())
err(AbsInit, 3)


def fn(a, b: int = 2, *args, c=3, d, **kw) -> str:
    """Doc line.

    indented
    """


s = inspect.signature(fn)
print(
    s,
    list(s.parameters),
    s.parameters["b"].default,
    s.parameters["a"].default is inspect.Parameter.empty,
    s.parameters["args"].kind,
    s.parameters["c"].kind.name,
    s.parameters["b"].annotation,
    s.return_annotation,
    [p.name for p in s.parameters.values() if p.kind is p.KEYWORD_ONLY],
    s.parameters["b"],
    inspect.getdoc(fn),
)
b = s.bind(1, d=4, z=5)
print(b.arguments, b.args, b.kwargs)
b.apply_defaults()
print(dict(b.arguments))
err(s.bind)
err(s.bind, 1, 2)
err(inspect.signature(lambda x: 0).bind, 1, 2)
err(inspect.signature(lambda x: 0).bind, y=1)


class K:
    def __init__(self, q, r=1):
        pass

    def m(self, z):
        pass

    @classmethod
    def c(cls, z):
        pass

    @staticmethod
    def st(z):
        pass

    @property
    def pr(self):
        return 1

    def __call__(self, w):
        pass


print(
    inspect.signature(K),
    inspect.signature(K(1).m),
    inspect.signature(K.m),
    inspect.signature(K.c),
    inspect.signature(K.st),
    inspect.signature(K(1)),
    inspect.signature(lambda *a, b: 0),
    inspect.signature(K.__init__),
)
import functools


@functools.wraps(fn)
def wrapper(*a, **k):
    pass


print(
    inspect.signature(wrapper) == s,
    inspect.unwrap(wrapper) is fn,
    inspect.signature(functools.partial(fn, 1, d=2)),
    inspect.signature(functools.partial(fn, 1)),
)
print(
    inspect.isclass(K),
    inspect.isclass(K(1)),
    inspect.isfunction(fn),
    inspect.isfunction(len),
    inspect.ismethod(K(1).m),
    inspect.ismethod(K.m),
    inspect.isbuiltin(len),
    inspect.isroutine(len),
    inspect.ismodule(abc),
    inspect.isgeneratorfunction(lambda: (yield)),
    inspect.iscoroutinefunction(fn),
    inspect.isgenerator(i for i in []),
    inspect.getmro(K) == K.__mro__,
    inspect.isdatadescriptor(K.__dict__["pr"]),
    inspect.getmodule(fn).__name__,
    callable(K),
)
print(
    [n for n, v in inspect.getmembers(K, inspect.isfunction)],
    [n for n, _ in inspect.getmembers(K(1)) if not n.startswith("__")],
    inspect.getattr_static(K, "st").__class__.__name__,
    inspect.cleandoc("  a\n    b\n  "),
    inspect.getfullargspec(fn).args,
    inspect.getfullargspec(fn).kwonlyargs,
    inspect.getfullargspec(fn).varkw,
    inspect.getfullargspec(fn).defaults,
    inspect.getfullargspec(K.m).args,
)


async def co():
    pass


print(
    inspect.iscoroutinefunction(co),
    inspect.signature(co),
    inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY, default=1),
    inspect.Signature(
        [
            inspect.Parameter("a", inspect.Parameter.POSITIONAL_ONLY),
            inspect.Parameter("b", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=2),
        ]
    ),
    s.replace(parameters=list(s.parameters.values())[:2]),
)


class CP:
    def __init__(self):
        self.l = [1]
        self.me = self

    def __eq__(self, o):
        return self.l == o.l

    __hash__ = None


x = CP()
y = copy.copy(x)
z = copy.deepcopy(x)
print(y.l is x.l, z.l is x.l, z.me is z, z == x, y.me is x)


class DC:
    def __deepcopy__(self, memo):
        return "deep"

    def __copy__(self):
        return "shallow"


print(
    copy.copy(DC()),
    copy.deepcopy([DC()]),
    copy.deepcopy({"a": (1, [2])}),
    copy.copy([1]),
    copy.deepcopy(fn) is fn,
    copy.deepcopy(K) is K,
    copy.deepcopy((1, 2)),
    copy.deepcopy({1, 2}) == {1, 2},
    copy.deepcopy("s"),
)
sh = [1]
d = copy.deepcopy([sh, sh])
print(d[0] is d[1], d[0] is sh)


class Sub(dict):
    def __init__(self, *a):
        super().__init__(*a)
        self.extra = [1]


sd = copy.deepcopy(Sub({"k": [2]}))
print(type(sd).__name__, sd, sd.extra)


class Lst(list):
    pass


ll = Lst([1, [2]])
ll.tag = "t"
l2 = copy.deepcopy(ll)
print(type(l2).__name__, l2, l2.tag, l2[1] is ll[1])


class NewArgs:
    def __new__(cls, *a):
        o = super().__new__(cls)
        o.made = True
        return o

    def __init__(self, v):
        self.v = v


print(copy.deepcopy(NewArgs(3)).v, copy.copy(NewArgs(4)).made)


class State:
    def __getstate__(self):
        return {"s": 1}

    def __setstate__(self, s):
        self.got = s


print(copy.copy(State()).got)

ns = types.SimpleNamespace(a=1, b="x")
ns.c = [2]
print(ns, ns.a, ns == types.SimpleNamespace(a=1, b="x", c=[2]), vars(ns))
del ns.a
print(hasattr(ns, "a"))
mp = types.MappingProxyType({"a": 1})
print(mp["a"], list(mp), len(mp), mp.get("z"), dict(mp), mp)


def setmp():
    mp["b"] = 1


err(setmp)
print(
    isinstance(fn, types.FunctionType),
    isinstance(K(1).m, types.MethodType),
    isinstance(abc, types.ModuleType),
    isinstance(len, types.BuiltinFunctionType),
    isinstance((i for i in []), types.GeneratorType),
    isinstance(None, types.NoneType),
    isinstance(lambda: 0, types.LambdaType),
    isinstance(int | str, types.UnionType),
    isinstance(list[int], types.GenericAlias),
    isinstance(fn.__code__, types.CodeType),
)
k = K(1)
k.bound = types.MethodType(lambda self, v: (self is k, v), k)
print(k.bound(5))
mod = types.ModuleType("mm", "docs")
mod.x = 1
print(
    mod.__name__, mod.x, mod.__doc__, types.new_class("NC", (K,), {}, lambda ns: ns.update(zz=3)).zz
)


class W:
    pass


w = W()
r = weakref.ref(w)
print(r() is w, weakref.proxy(w).__class__ is W)
wd = weakref.WeakValueDictionary()
wd["k"] = w
print(wd["k"] is w, len(wd), "k" in wd, list(wd))
wk = weakref.WeakKeyDictionary()
wk[w] = 1
print(wk[w], wk.get(W()), len(wk))
ws = weakref.WeakSet([w])
print(w in ws, len(ws))
f = weakref.finalize(w, print)
print(f.alive)
f.detach()
print(f.alive)
