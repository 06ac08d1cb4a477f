# types.ModuleType: what it is made of, and classes below it.
import sys
import types
from checks import assert_eq, assert_raises, finish

Module = types.ModuleType
assert_eq(
    vars(Module("x", "d")),
    {"__name__": "x", "__doc__": "d", "__package__": None, "__loader__": None, "__spec__": None},
)
assert_eq(Module(name="q").__name__, "q")
assert_eq(Module("q", doc=3).__doc__, 3)
assert_eq(Module("q").__doc__, None)
assert_raises(TypeError, "module() missing required argument 'name' (pos 1)", Module)
assert_raises(TypeError, "module() argument 'name' must be str, not int", Module, 1)
assert_raises(TypeError, "module() takes at most 2 arguments (3 given)", Module, "a", "b", "c")


class Lazy(Module):
    """A module that makes what is asked of it."""

    kind = "lazy"

    def __init__(self, own, name):
        self._own = own
        self._asked = []
        super().__init__(str(name))

    @property
    def size(self):
        return len(self._asked)

    @size.setter
    def size(self, value):
        self._asked = [None] * value

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self._asked.append(name)
        return name.upper()

    def __dir__(self):
        return sorted(self._asked)


lazy = Lazy({"a": 1}, 7)
assert_eq(lazy.__name__, "7")
assert_eq(sorted(vars(lazy))[-2:], ["_asked", "_own"])
assert_eq([lazy.one, lazy.two, lazy.size], ["ONE", "TWO", 2])
assert_eq(dir(lazy), ["one", "two"])
lazy.one = 1
assert_eq([lazy.one, lazy.__dict__["one"]], [1, 1])
del lazy.one
assert_eq(lazy.one, "ONE")
lazy.size = 5
assert_eq([lazy.size, lazy._asked], [5, [None] * 5])
assert_eq([lazy.kind, isinstance(lazy, Module), type(lazy) is Lazy], ["lazy", True, True])
lazy.kind = "own"
assert_eq([lazy.kind, Lazy.kind], ["own", "lazy"])
assert_eq(getattr(lazy, "__nothing__", "absent"), "absent")
assert_raises(
    TypeError, "module() missing required argument 'name' (pos 1)", type("N", (Module,), {})
)
made = Module("made")
made.__getattr__ = lambda name: name * 2
assert_eq([made.ab, hasattr(made, "x"), made.__name__], ["abab", True, "made"])
sys.modules["made.by.hand"] = made
from made.by.hand import some  # noqa: E402

assert_eq(some, "somesome")
finish(20)
