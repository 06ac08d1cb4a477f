# Classes: C3 order, super(), class and static methods, attribute lookup order.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


class A:
    def who(self):
        return ["A"]


class B(A):
    def who(self):
        return ["B"] + super().who()


class C(A):
    def who(self):
        return ["C"] + super().who()


class D(B, C):
    def who(self):
        return ["D"] + super().who()


print([c.__name__ for c in D.__mro__])
print(D().who())
print(D.mro() == list(D.__mro__), D.__bases__ == (B, C), D.__base__ is B)


def bad():
    class X(A, B):
        pass


err(bad)


def bad2():
    class X(A, A):
        pass


err(bad2)


class P:
    count = 0
    items = []

    def __init__(self):
        self.count += 1


p, q = P(), P()
print(P.count, p.count, q.count)
p.items.append(3)
print(q.items, "items" in p.__dict__, p.__dict__)
P.count = 10
print(p.count, P().count)
del p.count
print(p.count)
err(lambda: p.missing)
err(lambda: P.missing)


def delmissing():
    del p.missing


err(delmissing)


class Base:
    registry = []

    @classmethod
    def make(cls, *args):
        cls.registry.append(cls.__name__)
        return cls(*args)

    @staticmethod
    def helper(x):
        return x * 2

    def __init__(self, v=1):
        self.v = v

    def __repr__(self):
        return f"{type(self).__name__}({self.v})"


class Derived(Base):
    @classmethod
    def make(cls, *args):
        return super().make(*args)

    @staticmethod
    def helper(x):
        return Base.helper(x) + 1


print(Base.make(), Derived.make(5), Base.registry)
print(Derived.helper(4), Derived(2).helper(3), Base.make.__func__ is Base.__dict__["make"].__func__)
print(Derived.make.__self__ is Derived, Derived(3).make().v)


# super() with explicit arguments, in nested functions and through properties
class S1:
    @property
    def x(self):
        return 1

    def f(self):
        return "S1.f"


class S2(S1):
    @property
    def x(self):
        return super().x + 10

    def f(self):
        def inner():
            return super(S2, self).f()

        return inner() + "/S2"

    def g(self):
        return [super(S2, self).f() for _ in range(2)]


print(S2().x, S2().f(), S2().g(), super(S2, S2()).f())
err(lambda: super(S2, 3).f())


# __class__ cell, type() of three arguments
class K:
    def cls(self):
        return __class__


class K2(K):
    pass


print(K2().cls() is K)
T = type("T", (Base,), {"z": 4, "meth": lambda self: self.z + self.v})
print(T(3).meth(), T.__name__, T.__module__ == __name__, T(1))
print(
    isinstance(T(1), Base),
    issubclass(T, (int, Base)),
    isinstance(3, (str, int)),
    issubclass(bool, int),
)
err(isinstance, 3, "int")
err(issubclass, 3, int)


# __new__ and singletons
class One:
    inst = None

    def __new__(cls, *a):
        if cls.inst is None:
            cls.inst = super().__new__(cls)
            print("new", a)
        return cls.inst

    def __init__(self, *a):
        print("init", a)


print(One(1) is One(2))


class Other:
    def __new__(cls):
        return 42

    def __init__(self):
        print("never")


print(Other())


class Tup(tuple):
    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))

    @property
    def first(self):
        return self[0]


t = Tup(1, 2)
print(t, t.first, t == (1, 2), type(t).__name__, isinstance(t, tuple), t + (3,))


class MyInt(int):
    def __new__(cls, v, tag=None):
        o = super().__new__(cls, v)
        o.tag = tag
        return o


m = MyInt(5, "t")
print(m + 1, m.tag, type(m + 1).__name__, m == 5, hash(m) == hash(5), f"{m:03d}", repr(m))


class MyStr(str):
    def up(self):
        return self.upper()


s = MyStr("abc")
print(s, s.up(), s + "d", type(s + "d").__name__, {s: 1}["abc"], s == "abc", len(s), s[1:])


class MyDict(dict):
    def __missing__(self, k):
        return f"<{k}>"

    def __getattr__(self, n):
        try:
            return self[n]
        except KeyError:
            raise AttributeError(n)


d = MyDict(a=1)
print(d["a"], d["zz"], d.a, d.get("zz"), d, type(d).__name__, "zz" in d, dict(d) == d)


class MyList(list):
    def __getitem__(self, i):
        return ("got", super().__getitem__(i))


l = MyList([1, 2, 3])
print(l[0], list(l), len(l), l, l == [1, 2, 3], [*l])

# object's own messages
err(lambda: object(1))


class NoInit:
    pass


err(lambda: NoInit(1))
err(lambda: NoInit(a=1))


class NeedsTwo:
    def __init__(self, a, b):
        pass


err(lambda: NeedsTwo(1))
err(lambda: NeedsTwo())
err(lambda: NeedsTwo(1, 2, 3))
err(lambda: NeedsTwo(1, 2, c=3))
err(lambda: NoInit()())


class BadInit:
    def __init__(self):
        return 3


err(BadInit)

# class body scope
x = "global"


class Scope:
    x = "class"
    y = [x for _ in range(2)]
    z = [i for i in x]

    def m(self):
        return x

    w = (lambda: x)()
    del z


print(Scope.y, Scope().m(), Scope.w, hasattr(Scope, "z"))
print(Scope.__qualname__, Scope.m.__qualname__, Scope.__doc__)


class Outer:
    "doc of outer"

    class Inner:
        def f(self):
            pass

    def g(self):
        class Loc:
            pass

        return Loc


print(Outer.Inner.f.__qualname__, Outer().g().__qualname__, Outer.__doc__)
print(sorted(k for k in vars(Outer) if not k.startswith("__")))
print([n for n in dir(Derived()) if not n.startswith("__")])


# name mangling
class Priv:
    def __init__(self):
        self.__x = 1

    def get(self):
        return self.__x

    def __hidden(self):
        return "h"

    def call(self):
        return self.__hidden()


class Priv2(Priv):
    def __init__(self):
        super().__init__()
        self.__x = 2


print(
    Priv2().get(),
    sorted(vars(Priv2())),
    Priv().call(),
    hasattr(Priv(), "__hidden"),
    hasattr(Priv(), "_Priv__hidden"),
)


# dynamic changes
class Dyn:
    pass


Dyn.f = lambda self: "f"
dd = Dyn()
print(dd.f())
dd.f = lambda: "inst"
print(dd.f())
setattr(Dyn, "g", 3)
print(dd.g, getattr(dd, "h", "none"), hasattr(dd, "g"))
delattr(Dyn, "g")
print(hasattr(dd, "g"))


class E1:
    def f(self):
        return "E1"


class E2:
    def f(self):
        return "E2"


e = E1()
e.__class__ = E2
print(e.f(), type(e).__name__)
print(E1.__subclasses__(), type.__mro__ == (type, object), object.__mro__ == (object,))
print(repr(E1), str(int), repr(type), type(type(3)) is type)
