# Exceptions: matching, chaining, finally and return, with, messages, traceback text parts.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except BaseException as e:
        print(type(e).__name__ + ":", e)


def f1():
    try:
        return "try"
    finally:
        print("fin")


print(f1())


def f2():
    try:
        return "try"
    finally:
        return "fin"


print(f2())


def f3():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            print("body", i)
        finally:
            print("fin", i)
    else:
        print("never")
    return i


print(f3())


def f4():
    try:
        raise ValueError("a")
    except ValueError:
        return "handled"
    else:
        return "else"
    finally:
        print("f4 fin")


print(f4())


def f5():
    try:
        pass
    except Exception:
        return "exc"
    else:
        return "else"
    finally:
        print("f5 fin")


print(f5())


def f6():
    while True:
        try:
            try:
                1 / 0
            finally:
                break
        finally:
            print("outer fin")
    return "swallowed"


print(f6())


def f7():
    x = 1
    try:
        return x
    finally:
        x = 2


print(f7())


class MyErr(Exception):
    def __init__(self, code, msg="dflt"):
        super().__init__(code, msg)
        self.code = code


class SubErr(MyErr):
    pass


try:
    raise SubErr(3)
except (KeyError, MyErr) as e:
    print(e.code, e.args, e, repr(e))
try:
    e
except NameError as n:
    print(n)
try:
    raise MyErr
except TypeError as t:
    print(t)
try:
    raise KeyError
except KeyError as k:
    print(repr(k), k.args, str(k) == "")
try:
    raise 3
except TypeError as t:
    print(t)
print(
    str(KeyError("k")),
    str(KeyError("a", "b")),
    str(Exception("x", 1)),
    repr(Exception("x", 1)),
    str(Exception()),
    repr(ValueError("it's")),
)
print(
    BaseException.__subclasses__ is not None,
    issubclass(KeyError, LookupError),
    issubclass(FileNotFoundError, OSError),
    IOError is OSError,
    issubclass(UnicodeDecodeError, ValueError),
    issubclass(ModuleNotFoundError, ImportError),
    issubclass(RecursionError, RuntimeError),
)

# chaining
try:
    try:
        1 / 0
    except ZeroDivisionError as z:
        raise ValueError("second")
except ValueError as v:
    print(repr(v.__context__), v.__cause__, v.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError as z:
        raise ValueError("second") from z
except ValueError as v:
    print(repr(v.__context__), repr(v.__cause__), v.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("second") from None
except ValueError as v:
    print(repr(v.__context__), v.__cause__, v.__suppress_context__)
try:
    try:
        raise KeyError("a")
    finally:
        raise ValueError("b")
except ValueError as v:
    print(repr(v.__context__))


def reraise():
    try:
        raise KeyError("orig")
    except KeyError:
        try:
            raise ValueError
        except ValueError:
            pass
        raise


err(reraise)


def bare():
    raise


err(bare)


def raise_from_bad():
    raise ValueError from 3


err(raise_from_bad)


def raise_class():
    raise ValueError("x") from KeyError


try:
    raise_class()
except ValueError as e:
    print(repr(e.__cause__))
e1 = ValueError("n")
e1.add_note("note one")
print(e1.__notes__)
try:
    raise e1.with_traceback(None)
except ValueError as e2:
    print(e2 is e1, e1.__traceback__ is not None)

# nested try with same name, deletion of the target
e = "outer"
try:
    raise ValueError("v")
except ValueError as e:
    pass
err(lambda: e)


def loop():
    out = []
    for i in range(4):
        try:
            if i == 1:
                raise ValueError(i)
            if i == 2:
                raise KeyError(i)
        except ValueError as x:
            out.append(("V", str(x)))
        except KeyError as x:
            out.append(("K", str(x)))
        else:
            out.append("E")
        finally:
            out.append("F")
    return out


print(loop())


def exc_expr():
    try:
        raise IndexError("i")
    except (lambda: IndexError)() as z:
        return str(z)


print(exc_expr())


def bad_except():
    try:
        raise ValueError("q")
    except "notclass":
        pass


err(bad_except)


# with
class CM:
    def __init__(self, n, swallow=False):
        self.n, self.s = n, swallow

    def __enter__(self):
        print("enter", self.n)
        return self.n

    def __exit__(self, t, v, tb):
        print("exit", self.n, t and t.__name__, v, tb is not None)
        return self.s


with CM("a") as a, CM("b") as b:
    print(a, b)
with CM("c", True) as c, CM("d"):
    raise ValueError("in with")


def with_ret():
    with CM("r"):
        return "returned"


print(with_ret())


def with_loop():
    for i in range(3):
        with CM(i):
            if i == 0:
                continue
            break
    return i


print(with_loop())


def enter_fails():
    class EF(CM):
        def __enter__(self):
            raise RuntimeError("enter failed")

    with CM("outer", True), EF("inner"):
        print("never")
    return "suppressed"


print(enter_fails())


class ExitRaises(CM):
    def __exit__(self, *a):
        raise KeyError("from exit")


try:
    with ExitRaises("x"):
        raise ValueError("body")
except KeyError as k:
    print(repr(k), repr(k.__context__))


def nocm():
    with 3:
        pass


err(nocm)


class HalfCM:
    def __enter__(self):
        pass


def halfcm():
    with HalfCM():
        pass


err(halfcm)

# common messages
err(lambda: {}["k"])
err(lambda: {}[1])
err(lambda: {}[(1, "a")])
err(lambda: [][0])
err(lambda: ()[0])
err(lambda: "a"[5])
err(lambda: [1][None])
err(lambda: [1]["a"])
err(lambda: (1,)["a"])
err(lambda: "s"["a"])
err(lambda: None[0])
err(lambda: 3[0])
err(lambda: 1 / 0)
err(lambda: 1 // 0)
err(lambda: 1 % 0)
err(lambda: 1.0 / 0)
err(lambda: 1.0 % 0)
err(lambda: 0**-1)
err(lambda: divmod(1, 0))
err(lambda: 1.0 // 0)
err(lambda: 1 + "a")
err(lambda: "a" + 1)
err(lambda: [] + ())
err(lambda: () + [])
err(lambda: {} + {})
err(lambda: "a" - "b")
err(lambda: "a" * "b")
err(lambda: [1] * 1.5)
err(lambda: None + 1)
err(lambda: -"a")
err(lambda: ~1.5)
err(lambda: +[])
err(lambda: 1 < "a")
err(lambda: None > 1)
err(lambda: [1] < (1,))
err(lambda: {} < {})
err(lambda: object() < object())
err(lambda: 1 in 2)
err(lambda: 1 in "a")
err(lambda: "a" @ "b")
err(lambda: len(3))
err(lambda: len(None))
err(lambda: int("abc"))
err(lambda: int(""))
err(lambda: int("1.5"))
err(lambda: int(None))
err(lambda: int([]))
err(lambda: float("abc"))
err(lambda: float([]))
err(lambda: int("12", 99))
err(lambda: int("z", 16))
err(lambda: int(float("inf")))
err(lambda: int(float("nan")))
err(lambda: hash([]))
err(lambda: {[]: 1})
err(lambda: {{}})
err(lambda: {1: 2}[{}])
err(lambda: set([[]]))
err(lambda: hash({}))
err(lambda: undefined_name)
err(lambda: (1).foo)
err(lambda: "s".foo)
err(lambda: None.foo)
err(lambda: [].foo)
err(lambda: len.foo)
err(lambda: (lambda: 0).foo)
err(lambda: int.foo)
err(lambda: {}.foo)
err(lambda: setattr(3, "x", 1))
err(lambda: setattr("s", "upper", 1))
err(lambda: setattr(object(), "x", 1))
err(lambda: setattr(int, "x", 1))
err(lambda: 3())
err(lambda: "s"())
err(lambda: None())
err(lambda: [1]())
err(lambda: {}())
err(lambda: [1, 2].index(3))
err(lambda: (1,).index(3))
err(lambda: [].pop())
err(lambda: {}.pop("k"))
err(lambda: {}.popitem())
err(lambda: set().pop())
err(lambda: [].remove(1))
err(lambda: {1}.remove(2))
err(lambda: "a".index("b"))
err(lambda: [1].pop(5))
err(lambda: max([]))
err(lambda: min(()))
err(lambda: next(iter([])))
err(lambda: chr(-1))
err(lambda: ord("ab"))
err(lambda: "".join([1]))
err(lambda: "".join(["a", 2]))
err(lambda: sum(["a"]))
err(lambda: sorted([1, "a"]))
err(lambda: list(3))
err(lambda: dict([1]))
err(lambda: dict([(1, 2, 3)]))
err(lambda: dict(3))
err(lambda: tuple(1))
err(lambda: range(1.5))
err(lambda: range(1, 2, 0))
err(lambda: [1, 2][::0])
err(lambda: slice())
err(lambda: bytes([256]))
err(lambda: "é".encode("ascii"))
err(lambda: b"\xff".decode())
err(lambda: zip(1))
err(lambda: enumerate())
err(lambda: abs("a"))
err(lambda: round("a"))
err(lambda: isinstance(1))
err(lambda: getattr(1, 2))
err(lambda: getattr(1))


def setitem(o, k):
    o[k] = 1


err(setitem, (1,), 0)
err(setitem, "abc", 0)
err(setitem, [1], 5)
err(setitem, None, 0)
err(setitem, [1], "a")
err(setitem, {}, [])
err(setitem, 5, 0)


def delitem(o, k):
    del o[k]


err(delitem, (1,), 0)
err(delitem, [1], 5)
err(delitem, {}, "x")
err(delitem, "a", 0)
err(delitem, 5, 0)


def unpack(v):
    a, b = v


def unpack_star(v):
    a, b, *c = v


err(unpack, (1,))
err(unpack, (1, 2, 3))
err(unpack, 3)
err(unpack, None)
err(unpack, "")
err(unpack_star, (1,))
err(unpack, [1, 2, 3])
err(unpack, {1: 2})
err(unpack, range(9))
err(unpack, iter([1]))


def unbound():
    print(loc)
    loc = 1


err(unbound)


def free():
    def g():
        return fv

    g()
    fv = 1


err(free)


def delloc():
    z = 1
    del z
    return z


err(delloc)
err(lambda: __import__("no_such_module_xyz"))


def imp():
    try:
        from math import no_such_name
    except ImportError as e:
        raise ImportError(str(e).split(" (")[0])  # what follows is where CPython's library lies


err(imp)


def asrt(m=None):
    if m:
        assert 1 == 2, m
    assert False


err(asrt)
err(asrt, "message")
err(asrt, ("tuple", 1))
err(lambda: exec_missing("1"))
err(lambda: (_ for _ in ()).throw(ValueError("thrown")))


def rec(n):
    return rec(n + 1)


try:
    rec(0)
except RecursionError as r:
    print(type(r).__name__, str(r)[:32])
import sys

try:
    raise ValueError("info")
except ValueError:
    t, v, tb = sys.exc_info()
    print(t.__name__, v, tb is not None)
print(sys.exc_info())
try:
    raise SystemExit(3)
except SystemExit as s:
    print(s.code, repr(s))
o = OSError(2, "No such file", "f.txt")
print(o.errno, o.strerror, o.filename, o, type(o).__name__)
print(type(OSError(2, "x")).__name__, OSError("plain"), repr(OSError(1, "a")))
i = ImportError("m", name="nm", path="p")
print(i.name, i.path, i.msg)
print(StopIteration(5).value, AttributeError("m", name="n", obj=3).name)
eg = ExceptionGroup("eg", [ValueError(1), KeyError(2)])
print(eg, len(eg.exceptions), eg.message)
