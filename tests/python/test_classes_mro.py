# Classes: C3 order, super(), class and static methods, attribute lookup order.
from checks import assert_eq, assert_noted, assert_raises, finish, note


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


assert_eq([c.__name__ for c in D.__mro__], ["D", "B", "C", "A", "object"])
assert_eq(D().who(), ["D", "B", "C", "A"])
assert_eq(D.mro() == list(D.__mro__), True)
assert_eq(D.__bases__ == (B, C), True)
assert_eq(D.__base__ is B, True)


def bad():
    class X(A, B):
        pass


assert_raises(
    TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases A, B", bad
)


def bad2():
    class X(A, A):
        pass


assert_raises(TypeError, "duplicate base class A", bad2)


class P:
    count = 0
    items = []

    def __init__(self):
        self.count += 1


p, q = P(), P()
assert_eq(P.count, 0)
assert_eq(p.count, 1)
assert_eq(q.count, 1)
p.items.append(3)
assert_eq(q.items, [3])
assert_eq("items" in p.__dict__, False)
assert_eq(p.__dict__, {"count": 1})
P.count = 10
assert_eq(p.count, 1)
assert_eq(P().count, 11)
del p.count
assert_eq(p.count, 10)
assert_raises(AttributeError, "'P' object has no attribute 'missing'", lambda: p.missing)
assert_raises(AttributeError, "type object 'P' has no attribute 'missing'", lambda: P.missing)


def delmissing():
    del p.missing


assert_raises(AttributeError, "'P' object has no attribute 'missing'", delmissing)


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


assert_eq(str(Base.make()), "Base(1)")
assert_eq(str(Derived.make(5)), "Derived(5)")
assert_eq(Base.registry, ["Base", "Derived"])
assert_eq(Derived.helper(4), 9)
assert_eq(Derived(2).helper(3), 7)
assert_eq(Base.make.__func__ is Base.__dict__["make"].__func__, True)
assert_eq(Derived.make.__self__ is Derived, True)
assert_eq(Derived(3).make().v, 1)


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


assert_eq(S2().x, 11)
assert_eq(S2().f(), "S1.f/S2")
assert_eq(S2().g(), ["S1.f", "S1.f"])
assert_eq(super(S2, S2()).f(), "S1.f")
assert_raises(
    TypeError,
    "super(type, obj): obj must be an instance or subtype of type",
    lambda: super(S2, 3).f(),
)


# __class__ cell, type() of three arguments
class K:
    def cls(self):
        return __class__


class K2(K):
    pass


assert_eq(K2().cls() is K, True)
T = type("T", (Base,), {"z": 4, "meth": lambda self: self.z + self.v})
assert_eq(T(3).meth(), 7)
assert_eq(T.__name__, "T")
assert_eq(T.__module__ == __name__, True)
assert_eq(str(T(1)), "T(1)")
assert_eq(isinstance(T(1), Base), True)
assert_eq(issubclass(T, (int, Base)), True)
assert_eq(isinstance(3, (str, int)), True)
assert_eq(issubclass(bool, int), True)
assert_raises(
    TypeError,
    "isinstance() arg 2 must be a type, a tuple of types, or a union",
    isinstance,
    3,
    "int",
)
assert_raises(TypeError, "issubclass() arg 1 must be a class", issubclass, 3, int)


# __new__ and singletons
class One:
    inst = None

    def __new__(cls, *a):
        if cls.inst is None:
            cls.inst = super().__new__(cls)
            note("new", a)
        return cls.inst

    def __init__(self, *a):
        note("init", a)


assert_eq(One(1) is One(2), True)
assert_noted(
    ("new", "(1,)"),
    ("init", "(1,)"),
    ("init", "(2,)"),
)


class Other:
    def __new__(cls):
        return 42

    def __init__(self):
        note("never")


assert_eq(Other(), 42)


class Tup(tuple):
    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))

    @property
    def first(self):
        return self[0]


t = Tup(1, 2)
assert_eq(str(t), "(1, 2)")
assert_eq(t.first, 1)
assert_eq(t == (1, 2), True)
assert_eq(type(t).__name__, "Tup")
assert_eq(isinstance(t, tuple), True)
assert_eq(t + (3,), (1, 2, 3))


class MyInt(int):
    def __new__(cls, v, tag=None):
        o = super().__new__(cls, v)
        o.tag = tag
        return o


m = MyInt(5, "t")
assert_eq(m + 1, 6)
assert_eq(m.tag, "t")
assert_eq(type(m + 1).__name__, "int")
assert_eq(m == 5, True)
assert_eq(hash(m) == hash(5), True)
assert_eq(f"{m:03d}", "005")
assert_eq(repr(m), "5")


class MyStr(str):
    def up(self):
        return self.upper()


s = MyStr("abc")
assert_eq(str(s), "abc")
assert_eq(s.up(), "ABC")
assert_eq(s + "d", "abcd")
assert_eq(type(s + "d").__name__, "str")
assert_eq({s: 1}["abc"], 1)
assert_eq(s == "abc", True)
assert_eq(len(s), 3)
assert_eq(s[1:], "bc")


class MyDict(dict):
    def __missing__(self, k):
        return f"<{k}>"

    def __getattr__(self, n):
        try:
            return self[n]
        except KeyError:
            raise AttributeError(n)


d = MyDict(a=1)
assert_eq(d["a"], 1)
assert_eq(d["zz"], "<zz>")
assert_eq(d.a, 1)
assert_eq(d.get("zz"), None)
assert_eq(str(d), "{'a': 1}")
assert_eq(type(d).__name__, "MyDict")
assert_eq("zz" in d, False)
assert_eq(dict(d) == d, True)


class MyList(list):
    def __getitem__(self, i):
        return ("got", super().__getitem__(i))


l = MyList([1, 2, 3])
assert_eq(l[0], ("got", 1))
assert_eq(list(l), [1, 2, 3])
assert_eq(len(l), 3)
assert_eq(str(l), "[1, 2, 3]")
assert_eq(l == [1, 2, 3], True)
assert_eq([*l], [1, 2, 3])

# object's own messages
assert_raises(TypeError, "object() takes no arguments", lambda: object(1))


class NoInit:
    pass


assert_raises(TypeError, "NoInit() takes no arguments", lambda: NoInit(1))
assert_raises(TypeError, "NoInit() takes no arguments", lambda: NoInit(a=1))


class NeedsTwo:
    def __init__(self, a, b):
        pass


assert_raises(
    TypeError,
    "NeedsTwo.__init__() missing 1 required positional argument: 'b'",
    lambda: NeedsTwo(1),
)
assert_raises(
    TypeError,
    "NeedsTwo.__init__() missing 2 required positional arguments: 'a' and 'b'",
    lambda: NeedsTwo(),
)
assert_raises(
    TypeError,
    "NeedsTwo.__init__() takes 3 positional arguments but 4 were given",
    lambda: NeedsTwo(1, 2, 3),
)
assert_raises(
    TypeError,
    "NeedsTwo.__init__() got an unexpected keyword argument 'c'",
    lambda: NeedsTwo(1, 2, c=3),
)
assert_raises(TypeError, "'NoInit' object is not callable", lambda: NoInit()())


class BadInit:
    def __init__(self):
        return 3


assert_raises(TypeError, "__init__() should return None, not 'int'", BadInit)

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


assert_eq(Scope.y, ["global", "global"])
assert_eq(Scope().m(), "global")
assert_eq(Scope.w, "global")
assert_eq(hasattr(Scope, "z"), False)
assert_eq(Scope.__qualname__, "Scope")
assert_eq(Scope.m.__qualname__, "Scope.m")
assert_eq(Scope.__doc__, None)


class Outer:
    "doc of outer"

    class Inner:
        def f(self):
            pass

    def g(self):
        class Loc:
            pass

        return Loc


assert_eq(Outer.Inner.f.__qualname__, "Outer.Inner.f")
assert_eq(Outer().g().__qualname__, "Outer.g.<locals>.Loc")
assert_eq(Outer.__doc__, "doc of outer")
assert_eq(sorted(k for k in vars(Outer) if not k.startswith("__")), ["Inner", "g"])
assert_eq(
    [n for n in dir(Derived()) if not n.startswith("__")], ["helper", "make", "registry", "v"]
)


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


assert_eq(Priv2().get(), 1)
assert_eq(sorted(vars(Priv2())), ["_Priv2__x", "_Priv__x"])
assert_eq(Priv().call(), "h")
assert_eq(hasattr(Priv(), "__hidden"), False)
assert_eq(hasattr(Priv(), "_Priv__hidden"), True)


# dynamic changes
class Dyn:
    pass


Dyn.f = lambda self: "f"
dd = Dyn()
assert_eq(dd.f(), "f")
dd.f = lambda: "inst"
assert_eq(dd.f(), "inst")
setattr(Dyn, "g", 3)
assert_eq(dd.g, 3)
assert_eq(getattr(dd, "h", "none"), "none")
assert_eq(hasattr(dd, "g"), True)
delattr(Dyn, "g")
assert_eq(hasattr(dd, "g"), False)


class E1:
    def f(self):
        return "E1"


class E2:
    def f(self):
        return "E2"


e = E1()
e.__class__ = E2
assert_eq(e.f(), "E2")
assert_eq(type(e).__name__, "E2")
assert_eq(E1.__subclasses__(), [])
assert_eq(type.__mro__ == (type, object), True)
assert_eq(object.__mro__ == (object,), True)
assert_eq(repr(E1), "<class '__main__.E1'>")
assert_eq(str(int), "<class 'int'>")
assert_eq(repr(type), "<class 'type'>")
assert_eq(type(type(3)) is type, True)

finish(127)
