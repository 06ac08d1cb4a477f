# Classes that change after they were made: assignment to __bases__; type() of a base whose
# metaclass has its own __new__.
from checks import assert_eq, assert_raises, finish


class A:
    def who(self):
        return "A"


class B:
    def who(self):
        return "B"

    def only_b(self):
        return "b"


class Plain(A):
    pass


class Below(Plain):
    def who(self):
        return "Below " + super().who()


class Twice(Below):
    pass


class Other:
    def only_other(self):
        return "other"


def set_bases(cls, bases):
    cls.__bases__ = bases


def names(cls):
    return [c.__name__ for c in cls.__mro__]


made_before = Twice()
assert_eq(made_before.who(), "Below A")
set_bases(Plain, (B, Other))
assert_eq(names(Twice), ["Twice", "Below", "Plain", "B", "Other", "object"])
assert_eq(made_before.who(), "Below B")
assert_eq(made_before.only_other(), "other")
assert_eq(A.__subclasses__(), [])
assert_eq([c.__name__ for c in B.__subclasses__()], ["Plain"])
assert_eq(isinstance(made_before, Other), True)
assert_eq(Plain.__base__ is B, True)
Plain.__bases__ = Plain.__bases__ + (A,)
assert_eq(names(Plain), ["Plain", "B", "Other", "A", "object"])

text = "can only assign non-empty tuple to Plain.__bases__, not ()"
assert_raises(TypeError, text, set_bases, Plain, ())
text = "can only assign tuple to Plain.__bases__, not list"
assert_raises(TypeError, text, set_bases, Plain, [A])
text = "Plain.__bases__ must be tuple of classes, not 'int'"
assert_raises(TypeError, text, set_bases, Plain, (1,))
text = "a __bases__ item causes an inheritance cycle"
assert_raises(TypeError, text, set_bases, Plain, (Twice,))
assert_raises(TypeError, "duplicate base class A", set_bases, Plain, (A, A))
text = "cannot set '__bases__' attribute of immutable type 'int'"
assert_raises(TypeError, text, set_bases, int, (object,))


class Slotted:
    __slots__ = ("x",)


class Bare:
    pass


text = "__bases__ assignment: 'Slotted' object layout differs from 'B'"
assert_raises(TypeError, text, set_bases, Plain, (Slotted,))
text = "__bases__ assignment: 'int' deallocator differs from 'B'"
assert_raises(TypeError, text, set_bases, Plain, (int,))
text = "__bases__ assignment: 'B' deallocator differs from 'object'"
assert_raises(TypeError, text, set_bases, Bare, (B,))


class Left(A, Other):
    pass


class Both(Left, A):
    pass


wrong = "Cannot create a consistent method resolution\norder (MRO) for bases"
Both.__bases__ = (Left, A)
try:
    Left.__bases__ = (B, A)
    Both.__bases__ = (A, Left)
    failed = ""
except TypeError as e:
    failed = str(e).partition(" A")[0]
assert_eq(failed, wrong)
assert_eq(names(Both), ["Both", "Left", "B", "A", "object"])


class Meta(type):
    def __new__(mcls, name, bases, ns, **keywords):
        made = super().__new__(mcls, name, bases, ns)
        made.made_by = mcls.__name__
        made.keywords = sorted(keywords)
        return made

    def __init__(cls, name, bases, ns, **keywords):
        cls.initialized = name


class Base(metaclass=Meta):
    pass


class Narrow(Meta):
    pass


class Deep(metaclass=Narrow):
    pass


One = type("One", (Base,), {"x": 1})
assert_eq([One.made_by, One.initialized, One.x], ["Meta", "One", 1])
assert_eq(type(One) is Meta, True)
assert_eq(One.__bases__ == (Base,), True)
Two = type("Two", (Base, Deep), {})
assert_eq([Two.made_by, type(Two).__name__], ["Narrow", "Narrow"])
Three = Meta("Three", (Base,), {}, more=1)
assert_eq([Three.made_by, Three.keywords], ["Meta", ["more"]])


class Watched:
    def __set_name__(self, owner, name):
        owner.watched = name


Four = type("Four", (Base,), {"here": Watched()})
assert_eq(Four.watched, "here")
finish(26)
