# Packages: relative imports, cycles, lazy attributes, __all__, __dir__, what an import that fails says.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import sys, importlib, importlib.util, types
import sample_package, sample_package.a as pa
from sample_package import A, lazy_value, Other
from sample_package import *
import sample_package.sub.deep
from sample_package.sub import public


assert_eq(sample_package.__doc__, "Package doc.")
assert_eq(sample_package.__name__, "sample_package")
assert_eq(sample_package.__package__, "sample_package")
assert_eq(pa.__name__, "sample_package.a")
assert_eq(pa.__package__, "sample_package")
assert_eq(sample_package.__version__, "1.2")
assert_eq(lazy_value, "lazy!")
assert_eq(Other.__name__, "Other")
assert_eq(str(sample_package.REG), "{'o': <class 'sample_package.c.Other'>}")
assert_eq(A().make(), "A3")
assert_eq(A.kind, 2)
assert_eq(pa.missing_name, None)
assert_eq(pa.counter, 3)
assert_eq(public, 3)
assert_eq(sample_package.sub.deep.hidden, 2)
assert_eq(hasattr(sample_package.sub, "_private"), False)
assert_eq(deep.public, 3)
assert_eq(b.X, 1)
assert_eq(b.Y, 2)
assert_eq(b.Z, [3, 4])
assert_eq(sample_package.b.bump(), 11)
assert_eq(sample_package.b.bump(), 12)
assert_eq(sample_package.b.COUNT, 12)
assert_eq(b.STATE, {"n": 2})
assert_eq(dir(sample_package), ["A", "b", "deep", "lazy_value"])
assert_raises(
    AttributeError, "module 'sample_package' has no attribute 'nope'", lambda: sample_package.nope
)
assert_raises(
    ModuleNotFoundError,
    "No module named 'sample_package.nope'",
    lambda: importlib.import_module("sample_package.nope"),
)
assert_raises(
    ModuleNotFoundError, "No module named 'nope'", lambda: importlib.import_module("nope.x")
)


def i1():
    from sample_package import nope2


def i2():
    import sample_package.zzz


def i3():
    from sample_package.a import zzz


def i4():
    from sample_package.b import X

    return X


assert_raises(ModuleNotFoundError, "No module named 'sample_package.zzz'", i2)
assert_eq(i4(), 1)
for f in (i1, i3):
    try:
        f()
    except ImportError as e:
        note(type(e).__name__, str(e).split(" (")[0], e.name)
assert_noted(
    ("ImportError", "cannot import name 'nope2' from 'sample_package'", "sample_package"),
    ("ImportError", "cannot import name 'zzz' from 'sample_package.a'", "sample_package.a"),
)
from sample_package import cyc1

assert_eq(cyc1.f(), 2)
assert_eq(sample_package.cyc2.g(), 2)
assert_eq("sample_package.a" in sys.modules, True)
assert_eq(sys.modules["sample_package"] is sample_package, True)
assert_eq(sys.modules[__name__].A is A, True)
assert_eq(__name__, "__main__")
assert_eq(__file__.split("/")[-1], "test_modules.py")
pa.counter = 50
assert_eq(pa.helper(), 50)
assert_eq(A().make(), "A50")
setattr(sample_package, "dynamic", 3)
assert_eq(sample_package.dynamic, 3)
assert_eq(getattr(sample_package, "zip", None), None)
del sample_package.dynamic
assert_eq(hasattr(sample_package, "dynamic"), False)
from sample_package.b import BASE

assert_eq(BASE.subs, ["A"])


class Late(sample_package.b.BASE):
    pass


assert_eq(BASE.subs, ["A", "Late"])
m = types.ModuleType("made", "d")
m.x = 1
sys.modules["made"] = m
import made
from made import x

assert_eq(made.x, 1)
assert_eq(x, 1)
assert_eq(made.__doc__, "d")
exec_ns = {}
assert_eq(importlib.util.find_spec("sample_package") is not None, True)
assert_eq(importlib.util.find_spec("nopkg"), None)
assert_eq(
    sorted(k for k in vars(sample_package.b) if not k.startswith("__")),
    ["BASE", "COUNT", "STATE", "X", "Y", "Z", "bump", "make"],
)
assert_eq(globals()["A"] is A, True)
assert_eq("public" in globals(), True)
assert_eq(callable(globals().get("finish")), True)


def outer():
    import sample_package.b as inner
    from sample_package.b import X as local_x

    return inner.X, local_x, sorted(locals())


assert_eq(outer(), (1, 1, ["inner", "local_x"]))
try:
    import sample_package.broken_x
except ModuleNotFoundError as e:
    assert_eq(str(e), "No module named 'sample_package.broken_x'")
    assert_eq(e.name, "sample_package.broken_x")
assert_eq(sample_package.a.logger.name, "sample_package.a")
assert_eq(getattr(importlib.import_module(".a", "sample_package"), "VALUE"), 2)
assert_eq(importlib.import_module("sample_package.sub", None).public, 3)
assert_eq(repr(m).startswith("<module 'made'"), True)
assert_eq(type(m).__name__, "module")
from sample_package import order

assert_eq(order.label, "late")
assert_eq(order.count, 3)
assert_eq(order.version, "none")
assert_eq(order.found, False)
assert_eq(order.handler, "marked")
from sample_package.replaced import Wanted
import sample_package.replaced as replaced

assert_eq(Wanted.size, 7)
assert_eq(replaced.Second is Wanted, True)
assert_eq(replaced.third, 3)
assert_eq(hasattr(replaced, "Hidden"), False)
assert_eq(hasattr(replaced, "absent"), False)
import os

with open(sample_package.b.__file__, "r", encoding="utf-8") as f:
    assert_eq(f.read() == open(os.path.abspath(sample_package.b.__file__)).read(), True)
    assert_eq(os.path.isfile(sample_package.b.__file__), True)
    assert_eq(os.path.getsize(sample_package.b.__file__) > 10, True)

finish(80)
