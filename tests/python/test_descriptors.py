# Descriptors, properties, attribute hooks, slots, set_name, init_subclass, metaclasses.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


class Data:
    def __set_name__(self, owner, name):
        self.name = "_" + name
        print("set_name", owner.__name__, name)

    def __get__(self, obj, cls=None):
        if obj is None:
            return self
        return ("data", getattr(obj, self.name, None), cls.__name__)

    def __set__(self, obj, v):
        if v == "bad":
            raise ValueError("bad value")
        setattr(obj, self.name, v)

    def __delete__(self, obj):
        print("delete", self.name)


class NonData:
    def __get__(self, obj, cls=None):
        return "nondata"


class H:
    d = Data()
    n = NonData()


h = H()
h.d = 5
print(h.d, h.n, H.n, type(H.d).__name__, h.__dict__)
h.__dict__["d"] = "hidden"
h.__dict__["n"] = "shown"
print(h.d, h.n)
del h.d
err(lambda: setattr(h, "d", "bad"))


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
print(p.v, p.w, Prop.v.__doc__, Prop.w.__doc__, Prop.v.fget.__name__, isinstance(Prop.v, property))
del p.v
print(p.v)


def setro():
    p.ro = 1


def delro():
    del p.ro


err(setro)
err(delro)
err(lambda: p.only_set)


class Prop2(Prop):
    @Prop.v.getter
    def v(self):
        return "got"

    @property
    def ro(self):
        return super().ro + "2"


print(Prop2().v, Prop2().ro)
x = Prop2()
x.v = 9
print(x._v)


class G:
    def __getattr__(self, n):
        if n.startswith("x"):
            return n.upper()
        raise AttributeError(f"no {n}")

    real = 1


g = G()
print(g.real, g.xyz, getattr(g, "y", "dflt"), hasattr(g, "xx"), hasattr(g, "yy"))
err(lambda: g.y)


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
print(ga.a, ga.b)
del ga.a
print(ga.log)


class PropErr:
    @property
    def p(self):
        return self.nothing

    def __getattr__(self, n):
        return "via getattr " + n


print(PropErr().p)


class PropErr2:
    @property
    def p(self):
        raise AttributeError("inner")

    def __getattr__(self, n):
        return "rescued " + n


print(PropErr2().p)


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


s = Slots()
print(s.a, hasattr(s, "b"), hasattr(s, "__dict__"))
err(lambda: s.b)


def setc():
    s.c = 1


err(setc)


class Slots2(Slots):
    __slots__ = ["c"]


s2 = Slots2()
s2.c = 3
print(s2.a, s2.c, Slots2.__slots__)


class Slots3(Slots):
    pass


s3 = Slots3()
s3.zzz = 1
print(s3.__dict__, s3.a)


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


print(Sub.subs)


def badkw():
    class S4(Sub, nope=1):
        pass


err(badkw)


class WithGetitem:
    def __class_getitem__(cls, k):
        return f"{cls.__name__}[{k}]"


print(WithGetitem[3], WithGetitem["a", "b"])


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


print(type(M) is Meta, M.made_by, M.kw, M.names, N.kw, N.names, M().called)
print(
    M.virtual,
    "a" in M,
    list(M),
    len(N),
    M["k"],
    isinstance("inst", M),
    isinstance(M(), M),
    issubclass(int, M),
    M.mprop,
    M.mmeth(),
)
err(lambda: M().mprop)
err(lambda: M.nothing)
err(lambda: M().mmeth)


class Prep(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        return {"prepared": name}


class UsesPrep(metaclass=Prep):
    pass


print(UsesPrep.prepared)


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


err(conflict)


def func_meta(name, bases, ns, **kw):
    return (name, bases, sorted(k for k in ns if not k.startswith("__")), kw)


class FM(int, metaclass=func_meta, z=1):
    q = 2


print(FM)


class Entries:
    def __mro_entries__(self, bases):
        return (list,)


class FromEntries(Entries()):
    pass


print(FromEntries.__bases__, FromEntries.__mro__[1] is list, FromEntries([1]))


# functions as descriptors, bound methods
class Fn:
    def f(self, x=1):
        "doc"
        return (self, x)


f = Fn()
b = f.f
print(
    b.__self__ is f,
    b.__func__ is Fn.f,
    b.__name__,
    b.__doc__,
    b(3)[1],
    Fn.f(1, 2),
    f.f == f.f,
    f.f is f.f,
)
print(Fn.f.__get__(7)(8), Fn.f.__get__(7, int).__self__)


class Callable_:
    def __call__(self, *a, **k):
        return (a, k)


class HasCallable:
    c = Callable_()
    st = staticmethod(len)
    cm = classmethod(lambda cls, x: (cls.__name__, x))


print(HasCallable().c(1, k=2), HasCallable().st([1, 2]), HasCallable.cm(3), HasCallable().cm(4))


def adder(self, n):
    return self.base + n


class L:
    base = 10


l = L()
l.add = adder.__get__(l)
print(l.add(5))
b.__func__.extra = 1
print(b.extra, Fn.f.extra)
err(lambda: setattr(b, "extra2", 1))
