# Descriptors, properties, attribute hooks, slots, set_name, init_subclass, metaclasses.
from checks import assert_eq, assert_noted, assert_raises, finish, note


class Data:
    def __set_name__(self, owner, name):
        self.name = "_" + name
        note("set_name", owner.__name__, name)

    def __get__(self, obj, cls=None):
        if obj is None:
            return self
        return ("data", getattr(obj, self.name, None), cls.__name__)

    def __set__(self, obj, v):
        if v == "bad":
            raise ValueError("bad value")
        setattr(obj, self.name, v)

    def __delete__(self, obj):
        note("delete", self.name)


class NonData:
    def __get__(self, obj, cls=None):
        return "nondata"


class H:
    d = Data()
    n = NonData()


assert_noted(("set_name", "H", "d"))


h = H()
h.d = 5
assert_eq(h.d, ("data", 5, "H"))
assert_eq(h.n, "nondata")
assert_eq(H.n, "nondata")
assert_eq(type(H.d).__name__, "Data")
assert_eq(h.__dict__, {"_d": 5})
h.__dict__["d"] = "hidden"
h.__dict__["n"] = "shown"
assert_eq(h.d, ("data", 5, "H"))
assert_eq(h.n, "shown")
del h.d
assert_noted(("delete", "_d"))
assert_raises(ValueError, "bad value", lambda: setattr(h, "d", "bad"))


class Prop:
    def __init__(self):
        self._v = 1

    @property
    def v(self):
        "the doc"
        return self._v

    @v.setter
    def v(self, x):
        self._v = x

    @v.deleter
    def v(self):
        self._v = None

    @property
    def ro(self):
        return "ro"

    w = property(lambda self: self._v * 2, doc="twice")
    only_set = property(None, lambda self, x: None)


p = Prop()
p.v = 4
assert_eq(p.v, 4)
assert_eq(p.w, 8)
assert_eq(Prop.v.__doc__, "the doc")
assert_eq(Prop.w.__doc__, "twice")
assert_eq(Prop.v.fget.__name__, "v")
assert_eq(isinstance(Prop.v, property), True)
del p.v
assert_eq(p.v, None)


def setro():
    p.ro = 1


def delro():
    del p.ro


assert_raises(AttributeError, "property 'ro' of 'Prop' object has no setter", setro)
assert_raises(AttributeError, "property 'ro' of 'Prop' object has no deleter", delro)
assert_raises(
    AttributeError, "property 'only_set' of 'Prop' object has no getter", lambda: p.only_set
)


class Prop2(Prop):
    @Prop.v.getter
    def v(self):
        return "got"

    @property
    def ro(self):
        return super().ro + "2"


assert_eq(Prop2().v, "got")
assert_eq(Prop2().ro, "ro2")
x = Prop2()
x.v = 9
assert_eq(x._v, 9)


class G:
    def __getattr__(self, n):
        if n.startswith("x"):
            return n.upper()
        raise AttributeError(f"no {n}")

    real = 1


g = G()
assert_eq(g.real, 1)
assert_eq(g.xyz, "XYZ")
assert_eq(getattr(g, "y", "dflt"), "dflt")
assert_eq(hasattr(g, "xx"), True)
assert_eq(hasattr(g, "yy"), False)
assert_raises(AttributeError, "no y", lambda: g.y)


class GA:
    def __init__(self):
        object.__setattr__(self, "log", [])

    def __getattribute__(self, n):
        if n in ("log", "__class__", "__dict__"):
            return object.__getattribute__(self, n)
        self.log.append(n)
        return super().__getattribute__(n)

    def __getattr__(self, n):
        return "fallback " + n

    def __setattr__(self, n, v):
        self.log.append("set " + n)
        super().__setattr__(n, v)

    def __delattr__(self, n):
        self.log.append("del " + n)
        object.__delattr__(self, n)


ga = GA()
ga.a = 1
assert_eq(ga.a, 1)
assert_eq(ga.b, "fallback b")
del ga.a
assert_eq(ga.log, ["set a", "a", "b", "del a"])


class PropErr:
    @property
    def p(self):
        return self.nothing

    def __getattr__(self, n):
        return "via getattr " + n


assert_eq(PropErr().p, "via getattr nothing")


class PropErr2:
    @property
    def p(self):
        raise AttributeError("inner")

    def __getattr__(self, n):
        return "rescued " + n


assert_eq(PropErr2().p, "rescued p")


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


s = Slots()
assert_eq(s.a, 1)
assert_eq(hasattr(s, "b"), False)
assert_eq(hasattr(s, "__dict__"), False)
assert_raises(AttributeError, "'Slots' object has no attribute 'b'", lambda: s.b)


def setc():
    s.c = 1


assert_raises(AttributeError, "'Slots' object has no attribute 'c'", setc)


class Slots2(Slots):
    __slots__ = ["c"]


s2 = Slots2()
s2.c = 3
assert_eq(s2.a, 1)
assert_eq(s2.c, 3)
assert_eq(Slots2.__slots__, ["c"])


class Slots3(Slots):
    pass


s3 = Slots3()
s3.zzz = 1
assert_eq(s3.__dict__, {"zzz": 1})
assert_eq(s3.a, 1)


class Sub:
    subs = {}

    def __init_subclass__(cls, /, key=None, **kw):
        super().__init_subclass__(**kw)
        Sub.subs[key or cls.__name__] = cls.__name__


class S1(Sub):
    pass


class S2(Sub, key="two"):
    pass


class S3(S2):
    pass


assert_eq(Sub.subs, {"S1": "S1", "two": "S2", "S3": "S3"})


def badkw():
    class S4(Sub, nope=1):
        pass


assert_raises(TypeError, "badkw.<locals>.S4.__init_subclass__() takes no keyword arguments", badkw)


class WithGetitem:
    def __class_getitem__(cls, k):
        return f"{cls.__name__}[{k}]"


assert_eq(WithGetitem[3], "WithGetitem[3]")
assert_eq(WithGetitem["a", "b"], "WithGetitem[('a', 'b')]")


class Meta(type):
    def __new__(mcls, name, bases, ns, **kw):
        cls = super().__new__(mcls, name, bases, ns)
        cls.made_by = mcls.__name__
        cls.kw = kw
        return cls

    def __init__(cls, name, bases, ns, **kw):
        super().__init__(name, bases, ns)
        cls.names = [k for k in ns if not k.startswith("__")]

    def __call__(cls, *a, **k):
        o = super().__call__(*a, **k)
        o.called = True
        return o

    def __getattr__(cls, n):
        if n == "virtual":
            return "meta virtual"
        raise AttributeError(n)

    def __contains__(cls, x):
        return x in cls.names

    def __iter__(cls):
        return iter(cls.names)

    def __len__(cls):
        return len(cls.names)

    def __getitem__(cls, k):
        return ("item", k)

    def __instancecheck__(cls, o):
        return o == "inst" or super().__instancecheck__(o)

    def __subclasscheck__(cls, c):
        return c is int or super().__subclasscheck__(c)

    @property
    def mprop(cls):
        return cls.__name__ + "!"

    def mmeth(cls):
        return "mmeth " + cls.__name__


class M(metaclass=Meta, opt=1):
    a = 1

    def b(self):
        pass


class N(M, opt=2):
    c = 3


assert_eq(type(M) is Meta, True)
assert_eq(M.made_by, "Meta")
assert_eq(M.kw, {"opt": 1})
assert_eq(M.names, ["a", "b"])
assert_eq(N.kw, {"opt": 2})
assert_eq(N.names, ["c"])
assert_eq(M().called, True)
assert_eq(M.virtual, "meta virtual")
assert_eq("a" in M, True)
assert_eq(list(M), ["a", "b"])
assert_eq(len(N), 1)
assert_eq(M["k"], ("item", "k"))
assert_eq(isinstance("inst", M), True)
assert_eq(isinstance(M(), M), True)
assert_eq(issubclass(int, M), True)
assert_eq(M.mprop, "M!")
assert_eq(M.mmeth(), "mmeth M")
assert_raises(AttributeError, "'M' object has no attribute 'mprop'", lambda: M().mprop)
assert_raises(AttributeError, "nothing", lambda: M.nothing)
assert_raises(AttributeError, "'M' object has no attribute 'mmeth'", lambda: M().mmeth)


class Prep(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        return {"prepared": name}


class UsesPrep(metaclass=Prep):
    pass


assert_eq(UsesPrep.prepared, "UsesPrep")


class MetaA(type):
    pass


class MetaB(type):
    pass


class XA(metaclass=MetaA):
    pass


class XB(metaclass=MetaB):
    pass


def conflict():
    class XC(XA, XB):
        pass


assert_raises(
    TypeError,
    "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
    conflict,
)


def func_meta(name, bases, ns, **kw):
    return (name, bases, sorted(k for k in ns if not k.startswith("__")), kw)


class FM(int, metaclass=func_meta, z=1):
    q = 2


assert_eq(FM, ("FM", (int,), ["q"], {"z": 1}))


class Entries:
    def __mro_entries__(self, bases):
        return (list,)


class FromEntries(Entries()):
    pass


assert_eq(FromEntries.__bases__, (list,))
assert_eq(FromEntries.__mro__[1] is list, True)
assert_eq(str(FromEntries([1])), "[1]")


# functions as descriptors, bound methods
class Fn:
    def f(self, x=1):
        "doc"
        return (self, x)


f = Fn()
b = f.f
assert_eq(b.__self__ is f, True)
assert_eq(b.__func__ is Fn.f, True)
assert_eq(b.__name__, "f")
assert_eq(b.__doc__, "doc")
assert_eq(b(3)[1], 3)
assert_eq(Fn.f(1, 2), (1, 2))
assert_eq(f.f == f.f, True)
assert_eq(f.f is f.f, False)
assert_eq(Fn.f.__get__(7)(8), (7, 8))
assert_eq(Fn.f.__get__(7, int).__self__, 7)


class Callable_:
    def __call__(self, *a, **k):
        return (a, k)


class HasCallable:
    c = Callable_()
    st = staticmethod(len)
    cm = classmethod(lambda cls, x: (cls.__name__, x))


assert_eq(HasCallable().c(1, k=2), ((1,), {"k": 2}))
assert_eq(HasCallable().st([1, 2]), 2)
assert_eq(HasCallable.cm(3), ("HasCallable", 3))
assert_eq(HasCallable().cm(4), ("HasCallable", 4))


def adder(self, n):
    return self.base + n


class L:
    base = 10


l = L()
l.add = adder.__get__(l)
assert_eq(l.add(5), 15)
b.__func__.extra = 1
assert_eq(b.extra, 1)
assert_eq(Fn.f.extra, 1)
assert_raises(
    AttributeError, "'method' object has no attribute 'extra2'", lambda: setattr(b, "extra2", 1)
)

finish(95)
