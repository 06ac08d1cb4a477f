# abc: abstract methods and properties, register, subclass hooks; inspect, copy, types, weakref.
from checks import assert_eq, assert_raises, finish
import abc, copy, inspect, types, weakref
from abc import ABC, ABCMeta, abstractmethod


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


assert_raises(TypeError, "Can't instantiate abstract class A with abstract methods c, f, p, s", A)
assert_raises(
    TypeError, "Can't instantiate abstract class Half with abstract methods c, p, s", Half
)
assert_eq(Full().concrete(), "concrete Half")
assert_eq(Full().p, 5)
assert_eq(Full.c(), "c")
assert_eq(sorted(A.__abstractmethods__), ["c", "f", "p", "s"])
assert_eq(sorted(Half.__abstractmethods__), ["c", "p", "s"])
assert_eq(Full.__abstractmethods__ == frozenset(), True)
assert_eq(inspect.isabstract(A), True)
assert_eq(inspect.isabstract(Full), False)
assert_eq(super(Half, Full()).f(), "A.f")


class One(ABC):
    @abstractmethod
    def only(self): ...


assert_raises(TypeError, "Can't instantiate abstract class One with abstract method only", One)


class WithMeta(metaclass=ABCMeta):
    def ok(self):
        return 1


assert_eq(WithMeta().ok(), 1)
assert_eq(type(A) is ABCMeta, True)
assert_eq(isinstance(A, type), True)


class Reg(ABC):
    pass


@Reg.register
class R1:
    pass


assert_eq(isinstance(R1(), Reg), True)
assert_eq(issubclass(R1, Reg), True)
assert_eq(isinstance(3, Reg), False)


class Hook(ABC):
    @classmethod
    def __subclasshook__(cls, c):
        if cls is Hook:
            return any("quack" in b.__dict__ for b in c.__mro__) or NotImplemented
        return NotImplemented


class Duck:
    def quack(self):
        pass


assert_eq(isinstance(Duck(), Hook), True)
assert_eq(issubclass(int, Hook), False)


class AbsInit(ABC):
    def __init__(self, x):
        self.x = x

    @abstractmethod
    def go(self): ...


class C2(AbsInit):
    def go(self):
        return self.x


assert_eq(C2(4).go(), 4)
assert_raises(
    TypeError, "Can't instantiate abstract class AbsInit with abstract method go", AbsInit, 3
)


def fn(a, b: int = 2, *args, c=3, d, **kw) -> str:
    """Doc line.

    indented
    """


s = inspect.signature(fn)
assert_eq(str(s), "(a, b: int = 2, *args, c=3, d, **kw) -> str")
assert_eq(list(s.parameters), ["a", "b", "args", "c", "d", "kw"])
assert_eq(s.parameters["b"].default, 2)
assert_eq(s.parameters["a"].default is inspect.Parameter.empty, True)
assert_eq(str(s.parameters["args"].kind), "VAR_POSITIONAL")
assert_eq(s.parameters["c"].kind.name, "KEYWORD_ONLY")
assert_eq(s.parameters["b"].annotation, int)
assert_eq(s.return_annotation, str)
assert_eq([p.name for p in s.parameters.values() if p.kind is p.KEYWORD_ONLY], ["c", "d"])
assert_eq(str(s.parameters["b"]), "b: int = 2")
assert_eq(inspect.getdoc(fn), "Doc line.\n\nindented")
b = s.bind(1, d=4, z=5)
assert_eq(b.arguments, {"a": 1, "d": 4, "kw": {"z": 5}})
assert_eq(b.args, (1,))
assert_eq(b.kwargs, {"d": 4, "z": 5})
b.apply_defaults()
assert_eq(dict(b.arguments), {"a": 1, "b": 2, "args": (), "c": 3, "d": 4, "kw": {"z": 5}})
assert_raises(TypeError, "missing a required argument: 'a'", s.bind)
assert_raises(TypeError, "missing a required argument: 'd'", s.bind, 1, 2)
assert_raises(TypeError, "too many positional arguments", inspect.signature(lambda x: 0).bind, 1, 2)
assert_raises(
    TypeError, "missing a required argument: 'x'", inspect.signature(lambda x: 0).bind, y=1
)


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


assert_eq(str(inspect.signature(K)), "(q, r=1)")
assert_eq(str(inspect.signature(K(1).m)), "(z)")
assert_eq(str(inspect.signature(K.m)), "(self, z)")
assert_eq(str(inspect.signature(K.c)), "(z)")
assert_eq(str(inspect.signature(K.st)), "(z)")
assert_eq(str(inspect.signature(K(1))), "(w)")
assert_eq(str(inspect.signature(lambda *a, b: 0)), "(*a, b)")
assert_eq(str(inspect.signature(K.__init__)), "(self, q, r=1)")
import functools


@functools.wraps(fn)
def wrapper(*a, **k):
    pass


assert_eq(inspect.signature(wrapper) == s, True)
assert_eq(inspect.unwrap(wrapper) is fn, True)
assert_eq(
    str(inspect.signature(functools.partial(fn, 1, d=2))),
    "(b: int = 2, *args, c=3, d=2, **kw) -> str",
)
assert_eq(
    str(inspect.signature(functools.partial(fn, 1))), "(b: int = 2, *args, c=3, d, **kw) -> str"
)
assert_eq(inspect.isclass(K), True)
assert_eq(inspect.isclass(K(1)), False)
assert_eq(inspect.isfunction(fn), True)
assert_eq(inspect.isfunction(len), False)
assert_eq(inspect.ismethod(K(1).m), True)
assert_eq(inspect.ismethod(K.m), False)
assert_eq(inspect.isbuiltin(len), True)
assert_eq(inspect.isroutine(len), True)
assert_eq(inspect.ismodule(abc), True)
assert_eq(inspect.isgeneratorfunction(lambda: (yield)), True)
assert_eq(inspect.iscoroutinefunction(fn), False)
assert_eq(inspect.isgenerator(i for i in []), True)
assert_eq(inspect.getmro(K) == K.__mro__, True)
assert_eq(inspect.isdatadescriptor(K.__dict__["pr"]), True)
assert_eq(inspect.getmodule(fn).__name__, "__main__")
assert_eq(callable(K), True)
assert_eq(
    [n for n, v in inspect.getmembers(K, inspect.isfunction)], ["__call__", "__init__", "m", "st"]
)
assert_eq(
    [n for n, _ in inspect.getmembers(K(1)) if not n.startswith("__")], ["c", "m", "pr", "st"]
)
assert_eq(inspect.getattr_static(K, "st").__class__.__name__, "staticmethod")
assert_eq(inspect.cleandoc("  a\n    b\n  "), "a\nb")
assert_eq(inspect.getfullargspec(fn).args, ["a", "b"])
assert_eq(inspect.getfullargspec(fn).kwonlyargs, ["c", "d"])
assert_eq(inspect.getfullargspec(fn).varkw, "kw")
assert_eq(inspect.getfullargspec(fn).defaults, (2,))
assert_eq(inspect.getfullargspec(K.m).args, ["self", "z"])


async def co():
    pass


assert_eq(inspect.iscoroutinefunction(co), True)
assert_eq(str(inspect.signature(co)), "()")
assert_eq(str(inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY, default=1)), "x=1")
assert_eq(
    str(
        inspect.Signature(
            [
                inspect.Parameter("a", inspect.Parameter.POSITIONAL_ONLY),
                inspect.Parameter("b", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=2),
            ]
        )
    ),
    "(a, /, b=2)",
)
assert_eq(str(s.replace(parameters=list(s.parameters.values())[:2])), "(a, b: int = 2) -> str")


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
assert_eq(y.l is x.l, True)
assert_eq(z.l is x.l, False)
assert_eq(z.me is z, True)
assert_eq(z == x, True)
assert_eq(y.me is x, True)


class DC:
    def __deepcopy__(self, memo):
        return "deep"

    def __copy__(self):
        return "shallow"


assert_eq(copy.copy(DC()), "shallow")
assert_eq(copy.deepcopy([DC()]), ["deep"])
assert_eq(copy.deepcopy({"a": (1, [2])}), {"a": (1, [2])})
assert_eq(copy.copy([1]), [1])
assert_eq(copy.deepcopy(fn) is fn, True)
assert_eq(copy.deepcopy(K) is K, True)
assert_eq(copy.deepcopy((1, 2)), (1, 2))
assert_eq(copy.deepcopy({1, 2}) == {1, 2}, True)
assert_eq(copy.deepcopy("s"), "s")
sh = [1]
d = copy.deepcopy([sh, sh])
assert_eq(d[0] is d[1], True)
assert_eq(d[0] is sh, False)


class Sub(dict):
    def __init__(self, *a):
        super().__init__(*a)
        self.extra = [1]


sd = copy.deepcopy(Sub({"k": [2]}))
assert_eq(type(sd).__name__, "Sub")
assert_eq(str(sd), "{'k': [2]}")
assert_eq(sd.extra, [1])


class Lst(list):
    pass


ll = Lst([1, [2]])
ll.tag = "t"
l2 = copy.deepcopy(ll)
assert_eq(type(l2).__name__, "Lst")
assert_eq(str(l2), "[1, [2]]")
assert_eq(l2.tag, "t")
assert_eq(l2[1] is ll[1], False)


class NewArgs:
    def __new__(cls, *a):
        o = super().__new__(cls)
        o.made = True
        return o

    def __init__(self, v):
        self.v = v


assert_eq(copy.deepcopy(NewArgs(3)).v, 3)
assert_eq(copy.copy(NewArgs(4)).made, True)


class State:
    def __getstate__(self):
        return {"s": 1}

    def __setstate__(self, s):
        self.got = s


assert_eq(copy.copy(State()).got, {"s": 1})

ns = types.SimpleNamespace(a=1, b="x")
ns.c = [2]
assert_eq(str(ns), "namespace(a=1, b='x', c=[2])")
assert_eq(ns.a, 1)
assert_eq(ns == types.SimpleNamespace(a=1, b="x", c=[2]), True)
assert_eq(vars(ns), {"a": 1, "b": "x", "c": [2]})
del ns.a
assert_eq(hasattr(ns, "a"), False)
mp = types.MappingProxyType({"a": 1})
assert_eq(mp["a"], 1)
assert_eq(list(mp), ["a"])
assert_eq(len(mp), 1)
assert_eq(mp.get("z"), None)
assert_eq(dict(mp), {"a": 1})
assert_eq(str(mp), "{'a': 1}")


def setmp():
    mp["b"] = 1


assert_raises(TypeError, "'mappingproxy' object does not support item assignment", setmp)
assert_eq(isinstance(fn, types.FunctionType), True)
assert_eq(isinstance(K(1).m, types.MethodType), True)
assert_eq(isinstance(abc, types.ModuleType), True)
assert_eq(isinstance(len, types.BuiltinFunctionType), True)
assert_eq(isinstance((i for i in []), types.GeneratorType), True)
assert_eq(isinstance(None, types.NoneType), True)
assert_eq(isinstance(lambda: 0, types.LambdaType), True)
assert_eq(isinstance(int | str, types.UnionType), True)
assert_eq(isinstance(list[int], types.GenericAlias), True)
assert_eq(isinstance(fn.__code__, types.CodeType), True)
k = K(1)
k.bound = types.MethodType(lambda self, v: (self is k, v), k)
assert_eq(k.bound(5), (True, 5))
mod = types.ModuleType("mm", "docs")
mod.x = 1
assert_eq(mod.__name__, "mm")
assert_eq(mod.x, 1)
assert_eq(mod.__doc__, "docs")
assert_eq(types.new_class("NC", (K,), {}, lambda ns: ns.update(zz=3)).zz, 3)


class W:
    pass


w = W()
r = weakref.ref(w)
assert_eq(r() is w, True)
assert_eq(weakref.proxy(w).__class__ is W, True)
wd = weakref.WeakValueDictionary()
wd["k"] = w
assert_eq(wd["k"] is w, True)
assert_eq(len(wd), 1)
assert_eq("k" in wd, True)
assert_eq(list(wd), ["k"])
wk = weakref.WeakKeyDictionary()
wk[w] = 1
assert_eq(wk[w], 1)
assert_eq(wk.get(W()), None)
assert_eq(len(wk), 1)
ws = weakref.WeakSet([w])
assert_eq(w in ws, True)
assert_eq(len(ws), 1)
f = weakref.finalize(w, print)
assert_eq(f.alive, True)
f.detach()
assert_eq(f.alive, False)

finish(149)
