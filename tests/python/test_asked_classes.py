# Questions to classes and files: protocols asked of a class, subscripted counters, the program's own
# file, patterns of names.
import collections
import fnmatch
import os
import typing
from checks import assert_eq, assert_raises, finish


@typing.runtime_checkable
class Loads(typing.Protocol):
    weights: typing.ClassVar[bool]

    def load(self): ...


class Has:
    weights = True

    def load(self):
        return 1


class Declares:
    weights: bool

    def load(self):
        return 1


class Lacks:
    weights = True


class Meta(type):
    weights = True

    def load(cls):
        return 2


class Made(metaclass=Meta):
    pass


assert_eq([isinstance(Has, Loads), isinstance(Has(), Loads)], [True, True])
assert_eq([isinstance(Declares, Loads), isinstance(Declares(), Loads)], [False, False])
assert_eq(
    [isinstance(Lacks, Loads), isinstance(Made, Loads), isinstance(3, Loads)], [False, True, False]
)

assert_raises(
    TypeError,
    "Protocols with non-method members don't support issubclass()",
    issubclass,
    Has,
    Loads,
)


@typing.runtime_checkable
class Runs(typing.Protocol):
    def run(self): ...


class Stopped:
    run = None


class Runner:
    def run(self):
        return 1


class Further(Runs, typing.Protocol):
    def stop(self): ...


assert_eq(
    [issubclass(Runner, Runs), issubclass(Stopped, Runs), issubclass(Further, Runs)],
    [True, False, True],
)
assert_eq(
    [isinstance(Runner(), Runs), isinstance(Stopped(), Runs), isinstance(Runner, Runs)],
    [True, False, True],
)

Counted = collections.Counter[str]
assert_eq([Counted.__origin__ is collections.Counter, Counted.__args__], [True, (str,)])
assert_eq(repr(Counted("aab")), "Counter({'a': 2, 'b': 1})")

assert_eq(
    [fnmatch.fnmatch("layers.1.x", p) for p in ("layers.*", "*.x", "l?yers*", "[!l]*", "x")],
    [True, True, True, False, False],
)
assert_eq(fnmatch.filter(["a.py", "b.txt", "c.py"], "*.py"), ["a.py", "c.py"])
assert_eq([fnmatch.fnmatchcase(b"ab", b"a*"), fnmatch.fnmatchcase("A", "a")], [True, False])
assert_eq(
    os.path.exists(os.path.join(os.path.dirname(os.path.abspath(__file__)), "nothing.py")), False
)
finish(12)
