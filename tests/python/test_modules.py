# Packages: relative imports, cycles, lazy attributes, __all__, __dir__, what an import that fails says.
import sys, importlib, importlib.util, types
import sample_package, sample_package.a as pa
from sample_package import A, lazy_value, Other
from sample_package import *
import sample_package.sub.deep
from sample_package.sub import public


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


print(
    sample_package.__doc__,
    sample_package.__name__,
    sample_package.__package__,
    pa.__name__,
    pa.__package__,
    sample_package.__version__,
    lazy_value,
    Other.__name__,
    sample_package.REG,
    A().make(),
    A.kind,
    pa.missing_name,
    pa.counter,
)
print(
    public,
    sample_package.sub.deep.hidden,
    hasattr(sample_package.sub, "_private"),
    deep.public,
    b.X,
    b.Y,
    b.Z,
    sample_package.b.bump(),
    sample_package.b.bump(),
    sample_package.b.COUNT,
    b.STATE,
    dir(sample_package),
)
err(lambda: sample_package.nope)
err(lambda: importlib.import_module("sample_package.nope"))
err(lambda: importlib.import_module("nope.x"))


def i1():
    from sample_package import nope2


def i2():
    import sample_package.zzz


def i3():
    from sample_package.a import zzz


def i4():
    from sample_package.b import X

    return X


err(i2)
err(i4)
for f in (i1, i3):
    try:
        f()
    except ImportError as e:
        print(type(e).__name__, str(e).split(" (")[0], e.name)
from sample_package import cyc1

print(cyc1.f(), sample_package.cyc2.g())
print(
    "sample_package.a" in sys.modules,
    sys.modules["sample_package"] is sample_package,
    sys.modules[__name__].A is A,
    __name__,
    __file__.split("/")[-1],
)
pa.counter = 50
print(pa.helper(), A().make())
setattr(sample_package, "dynamic", 3)
print(sample_package.dynamic, getattr(sample_package, "zip", None))
del sample_package.dynamic
print(hasattr(sample_package, "dynamic"))
from sample_package.b import BASE

print(BASE.subs)


class Late(sample_package.b.BASE):
    pass


print(BASE.subs)
m = types.ModuleType("made", "d")
m.x = 1
sys.modules["made"] = m
import made
from made import x

print(made.x, x, made.__doc__)
exec_ns = {}
print(
    importlib.util.find_spec("sample_package") is not None,
    importlib.util.find_spec("nopkg"),
    sorted(k for k in vars(sample_package.b) if not k.startswith("__")),
)
print(globals()["A"] is A, "public" in globals(), callable(globals().get("err")))


def outer():
    import sample_package.b as inner
    from sample_package.b import X as local_x

    return inner.X, local_x, sorted(locals())


print(outer())
try:
    import sample_package.broken_x
except ModuleNotFoundError as e:
    print(e, e.name)
print(
    sample_package.a.logger.name,
    getattr(importlib.import_module(".a", "sample_package"), "VALUE"),
    importlib.import_module("sample_package.sub", None).public,
    repr(m).startswith("<module 'made'"),
    type(m).__name__,
)
from sample_package import order

print(order.label, order.count, order.version, order.found, order.handler)
from sample_package.replaced import Wanted
import sample_package.replaced as replaced

print(
    Wanted.size,
    replaced.Second is Wanted,
    replaced.third,
    hasattr(replaced, "Hidden"),
    hasattr(replaced, "absent"),
)
import os

with open(sample_package.b.__file__, "r", encoding="utf-8") as f:
    print(
        f.read() == open(os.path.abspath(sample_package.b.__file__)).read(),
        os.path.isfile(sample_package.b.__file__),
        os.path.getsize(sample_package.b.__file__) > 10,
    )
