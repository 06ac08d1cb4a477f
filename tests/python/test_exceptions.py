# Exceptions: matching, chaining, finally and return, with, messages, traceback text parts.
from checks import assert_eq, assert_noted, assert_raises, finish, note


def f1():
    try:
        return "try"
    finally:
        note("fin")


assert_eq(f1(), "try")
assert_noted(("fin",))


def f2():
    try:
        return "try"
    finally:
        return "fin"


assert_eq(f2(), "fin")


def f3():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            note("body", i)
        finally:
            note("fin", i)
    else:
        note("never")
    return i


assert_eq(f3(), 2)
assert_noted(
    ("body", "0"),
    ("fin", "0"),
    ("fin", "1"),
    ("fin", "2"),
)


def f4():
    try:
        raise ValueError("a")
    except ValueError:
        return "handled"
    else:
        return "else"
    finally:
        note("f4 fin")


assert_eq(f4(), "handled")
assert_noted(("f4 fin",))


def f5():
    try:
        pass
    except Exception:
        return "exc"
    else:
        return "else"
    finally:
        note("f5 fin")


assert_eq(f5(), "else")
assert_noted(("f5 fin",))


def f6():
    while True:
        try:
            try:
                1 / 0
            finally:
                break
        finally:
            note("outer fin")
    return "swallowed"


assert_eq(f6(), "swallowed")
assert_noted(("outer fin",))


def f7():
    x = 1
    try:
        return x
    finally:
        x = 2


assert_eq(f7(), 1)


class MyErr(Exception):
    def __init__(self, code, msg="dflt"):
        super().__init__(code, msg)
        self.code = code


class SubErr(MyErr):
    pass


try:
    raise SubErr(3)
except (KeyError, MyErr) as e:
    assert_eq(e.code, 3)
    assert_eq(e.args, (3, "dflt"))
    assert_eq(str(e), "(3, 'dflt')")
    assert_eq(repr(e), "SubErr(3, 'dflt')")
try:
    e
except NameError as n:
    assert_eq(str(n), "name 'e' is not defined")
try:
    raise MyErr
except TypeError as t:
    assert_eq(str(t), "MyErr.__init__() missing 1 required positional argument: 'code'")
try:
    raise KeyError
except KeyError as k:
    assert_eq(repr(k), "KeyError()")
    assert_eq(k.args, ())
    assert_eq(str(k) == "", True)
try:
    raise 3
except TypeError as t:
    assert_eq(str(t), "exceptions must derive from BaseException")
assert_eq(str(KeyError("k")), "'k'")
assert_eq(str(KeyError("a", "b")), "('a', 'b')")
assert_eq(str(Exception("x", 1)), "('x', 1)")
assert_eq(repr(Exception("x", 1)), "Exception('x', 1)")
assert_eq(str(Exception()), "")
assert_eq(repr(ValueError("it's")), 'ValueError("it\'s")')
assert_eq(BaseException.__subclasses__ is not None, True)
assert_eq(issubclass(KeyError, LookupError), True)
assert_eq(issubclass(FileNotFoundError, OSError), True)
assert_eq(IOError is OSError, True)
assert_eq(issubclass(UnicodeDecodeError, ValueError), True)
assert_eq(issubclass(ModuleNotFoundError, ImportError), True)
assert_eq(issubclass(RecursionError, RuntimeError), True)

# chaining
try:
    try:
        1 / 0
    except ZeroDivisionError as z:
        raise ValueError("second")
except ValueError as v:
    assert_eq(repr(v.__context__), "ZeroDivisionError('division by zero')")
    assert_eq(v.__cause__, None)
    assert_eq(v.__suppress_context__, False)
try:
    try:
        1 / 0
    except ZeroDivisionError as z:
        raise ValueError("second") from z
except ValueError as v:
    assert_eq(repr(v.__context__), "ZeroDivisionError('division by zero')")
    assert_eq(repr(v.__cause__), "ZeroDivisionError('division by zero')")
    assert_eq(v.__suppress_context__, True)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("second") from None
except ValueError as v:
    assert_eq(repr(v.__context__), "ZeroDivisionError('division by zero')")
    assert_eq(v.__cause__, None)
    assert_eq(v.__suppress_context__, True)
try:
    try:
        raise KeyError("a")
    finally:
        raise ValueError("b")
except ValueError as v:
    assert_eq(repr(v.__context__), "KeyError('a')")


def reraise():
    try:
        raise KeyError("orig")
    except KeyError:
        try:
            raise ValueError
        except ValueError:
            pass
        raise


assert_raises(KeyError, "'orig'", reraise)


def bare():
    raise


assert_raises(RuntimeError, "No active exception to reraise", bare)


def raise_from_bad():
    raise ValueError from 3


assert_raises(TypeError, "exception causes must derive from BaseException", raise_from_bad)


def raise_class():
    raise ValueError("x") from KeyError


try:
    raise_class()
except ValueError as e:
    assert_eq(repr(e.__cause__), "KeyError()")
e1 = ValueError("n")
e1.add_note("note one")
assert_eq(e1.__notes__, ["note one"])
try:
    raise e1.with_traceback(None)
except ValueError as e2:
    assert_eq(e2 is e1, True)
    assert_eq(e1.__traceback__ is not None, True)

# nested try with same name, deletion of the target
e = "outer"
try:
    raise ValueError("v")
except ValueError as e:
    pass
assert_raises(NameError, "name 'e' is not defined", lambda: e)


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


assert_eq(loop(), ["E", "F", ("V", "1"), "F", ("K", "2"), "F", "E", "F"])


def exc_expr():
    try:
        raise IndexError("i")
    except (lambda: IndexError)() as z:
        return str(z)


assert_eq(exc_expr(), "i")


def bad_except():
    try:
        raise ValueError("q")
    except "notclass":
        pass


assert_raises(
    TypeError, "catching classes that do not inherit from BaseException is not allowed", bad_except
)


# with
class CM:
    def __init__(self, n, swallow=False):
        self.n, self.s = n, swallow

    def __enter__(self):
        note("enter", self.n)
        return self.n

    def __exit__(self, t, v, tb):
        note("exit", self.n, t and t.__name__, v, tb is not None)
        return self.s


with CM("a") as a, CM("b") as b:
    assert_eq(a, "a")
    assert_eq(b, "b")
assert_noted(
    ("enter", "a"),
    ("enter", "b"),
    ("exit", "b", "None", "None", "False"),
    ("exit", "a", "None", "None", "False"),
)
with CM("c", True) as c, CM("d"):
    raise ValueError("in with")
assert_noted(
    ("enter", "c"),
    ("enter", "d"),
    ("exit", "d", "ValueError", "in with", "True"),
    ("exit", "c", "ValueError", "in with", "True"),
)


def with_ret():
    with CM("r"):
        return "returned"


assert_eq(with_ret(), "returned")
assert_noted(
    ("enter", "r"),
    ("exit", "r", "None", "None", "False"),
)


def with_loop():
    for i in range(3):
        with CM(i):
            if i == 0:
                continue
            break
    return i


assert_eq(with_loop(), 1)
assert_noted(
    ("enter", "0"),
    ("exit", "0", "None", "None", "False"),
    ("enter", "1"),
    ("exit", "1", "None", "None", "False"),
)


def enter_fails():
    class EF(CM):
        def __enter__(self):
            raise RuntimeError("enter failed")

    with CM("outer", True), EF("inner"):
        note("never")
    return "suppressed"


assert_eq(enter_fails(), "suppressed")
assert_noted(
    ("enter", "outer"),
    ("exit", "outer", "RuntimeError", "enter failed", "True"),
)


class ExitRaises(CM):
    def __exit__(self, *a):
        raise KeyError("from exit")


try:
    with ExitRaises("x"):
        raise ValueError("body")
except KeyError as k:
    assert_eq(repr(k), "KeyError('from exit')")
    assert_eq(repr(k.__context__), "ValueError('body')")
assert_noted(("enter", "x"))


def nocm():
    with 3:
        pass


assert_raises(TypeError, "'int' object does not support the context manager protocol", nocm)


class HalfCM:
    def __enter__(self):
        pass


def halfcm():
    with HalfCM():
        pass


assert_raises(
    TypeError,
    "'HalfCM' object does not support the context manager protocol (missed __exit__ method)",
    halfcm,
)

# common messages
assert_raises(KeyError, "'k'", lambda: {}["k"])
assert_raises(KeyError, "1", lambda: {}[1])
assert_raises(KeyError, "(1, 'a')", lambda: {}[(1, "a")])
assert_raises(IndexError, "list index out of range", lambda: [][0])
assert_raises(IndexError, "tuple index out of range", lambda: ()[0])
assert_raises(IndexError, "string index out of range", lambda: "a"[5])
assert_raises(TypeError, "list indices must be integers or slices, not NoneType", lambda: [1][None])
assert_raises(TypeError, "list indices must be integers or slices, not str", lambda: [1]["a"])
assert_raises(TypeError, "tuple indices must be integers or slices, not str", lambda: (1,)["a"])
assert_raises(TypeError, "string indices must be integers, not 'str'", lambda: "s"["a"])
assert_raises(TypeError, "'NoneType' object is not subscriptable", lambda: None[0])
assert_raises(TypeError, "'int' object is not subscriptable", lambda: 3[0])
assert_raises(ZeroDivisionError, "division by zero", lambda: 1 / 0)
assert_raises(ZeroDivisionError, "integer division or modulo by zero", lambda: 1 // 0)
assert_raises(ZeroDivisionError, "integer modulo by zero", lambda: 1 % 0)
assert_raises(ZeroDivisionError, "float division by zero", lambda: 1.0 / 0)
assert_raises(ZeroDivisionError, "float modulo", lambda: 1.0 % 0)
assert_raises(ZeroDivisionError, "0.0 cannot be raised to a negative power", lambda: 0**-1)
assert_raises(ZeroDivisionError, "integer division or modulo by zero", lambda: divmod(1, 0))
assert_raises(ZeroDivisionError, "float floor division by zero", lambda: 1.0 // 0)
assert_raises(TypeError, "unsupported operand type(s) for +: 'int' and 'str'", lambda: 1 + "a")
assert_raises(TypeError, 'can only concatenate str (not "int") to str', lambda: "a" + 1)
assert_raises(TypeError, 'can only concatenate list (not "tuple") to list', lambda: [] + ())
assert_raises(TypeError, 'can only concatenate tuple (not "list") to tuple', lambda: () + [])
assert_raises(TypeError, "unsupported operand type(s) for +: 'dict' and 'dict'", lambda: {} + {})
assert_raises(TypeError, "unsupported operand type(s) for -: 'str' and 'str'", lambda: "a" - "b")
assert_raises(TypeError, "can't multiply sequence by non-int of type 'str'", lambda: "a" * "b")
assert_raises(TypeError, "can't multiply sequence by non-int of type 'float'", lambda: [1] * 1.5)
assert_raises(
    TypeError, "unsupported operand type(s) for +: 'NoneType' and 'int'", lambda: None + 1
)
assert_raises(TypeError, "bad operand type for unary -: 'str'", lambda: -"a")
assert_raises(TypeError, "bad operand type for unary ~: 'float'", lambda: ~1.5)
assert_raises(TypeError, "bad operand type for unary +: 'list'", lambda: +[])
assert_raises(TypeError, "'<' not supported between instances of 'int' and 'str'", lambda: 1 < "a")
assert_raises(
    TypeError, "'>' not supported between instances of 'NoneType' and 'int'", lambda: None > 1
)
assert_raises(
    TypeError, "'<' not supported between instances of 'list' and 'tuple'", lambda: [1] < (1,)
)
assert_raises(
    TypeError, "'<' not supported between instances of 'dict' and 'dict'", lambda: {} < {}
)
assert_raises(
    TypeError,
    "'<' not supported between instances of 'object' and 'object'",
    lambda: object() < object(),
)
assert_raises(TypeError, "argument of type 'int' is not iterable", lambda: 1 in 2)
assert_raises(TypeError, "'in <string>' requires string as left operand, not int", lambda: 1 in "a")
assert_raises(TypeError, "unsupported operand type(s) for @: 'str' and 'str'", lambda: "a" @ "b")
assert_raises(TypeError, "object of type 'int' has no len()", lambda: len(3))
assert_raises(TypeError, "object of type 'NoneType' has no len()", lambda: len(None))
assert_raises(ValueError, "invalid literal for int() with base 10: 'abc'", lambda: int("abc"))
assert_raises(ValueError, "invalid literal for int() with base 10: ''", lambda: int(""))
assert_raises(ValueError, "invalid literal for int() with base 10: '1.5'", lambda: int("1.5"))
assert_raises(
    TypeError,
    "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
    lambda: int(None),
)
assert_raises(
    TypeError,
    "int() argument must be a string, a bytes-like object or a real number, not 'list'",
    lambda: int([]),
)
assert_raises(ValueError, "could not convert string to float: 'abc'", lambda: float("abc"))
assert_raises(
    TypeError, "float() argument must be a string or a real number, not 'list'", lambda: float([])
)
assert_raises(ValueError, "int() base must be >= 2 and <= 36, or 0", lambda: int("12", 99))
assert_raises(ValueError, "invalid literal for int() with base 16: 'z'", lambda: int("z", 16))
assert_raises(OverflowError, "cannot convert float infinity to integer", lambda: int(float("inf")))
assert_raises(ValueError, "cannot convert float NaN to integer", lambda: int(float("nan")))
assert_raises(TypeError, "unhashable type: 'list'", lambda: hash([]))
assert_raises(TypeError, "unhashable type: 'list'", lambda: {[]: 1})
assert_raises(TypeError, "unhashable type: 'dict'", lambda: {{}})
assert_raises(TypeError, "unhashable type: 'dict'", lambda: {1: 2}[{}])
assert_raises(TypeError, "unhashable type: 'list'", lambda: set([[]]))
assert_raises(TypeError, "unhashable type: 'dict'", lambda: hash({}))
assert_raises(NameError, "name 'undefined_name' is not defined", lambda: undefined_name)
assert_raises(AttributeError, "'int' object has no attribute 'foo'", lambda: (1).foo)
assert_raises(AttributeError, "'str' object has no attribute 'foo'", lambda: "s".foo)
assert_raises(AttributeError, "'NoneType' object has no attribute 'foo'", lambda: None.foo)
assert_raises(AttributeError, "'list' object has no attribute 'foo'", lambda: [].foo)
assert_raises(
    AttributeError, "'builtin_function_or_method' object has no attribute 'foo'", lambda: len.foo
)
assert_raises(AttributeError, "'function' object has no attribute 'foo'", lambda: (lambda: 0).foo)
assert_raises(AttributeError, "type object 'int' has no attribute 'foo'", lambda: int.foo)
assert_raises(AttributeError, "'dict' object has no attribute 'foo'", lambda: {}.foo)
assert_raises(AttributeError, "'int' object has no attribute 'x'", lambda: setattr(3, "x", 1))
assert_raises(
    AttributeError, "'str' object attribute 'upper' is read-only", lambda: setattr("s", "upper", 1)
)
assert_raises(
    AttributeError, "'object' object has no attribute 'x'", lambda: setattr(object(), "x", 1)
)
assert_raises(
    TypeError, "cannot set 'x' attribute of immutable type 'int'", lambda: setattr(int, "x", 1)
)
assert_raises(TypeError, "'int' object is not callable", lambda: 3())
assert_raises(TypeError, "'str' object is not callable", lambda: "s"())
assert_raises(TypeError, "'NoneType' object is not callable", lambda: None())
assert_raises(TypeError, "'list' object is not callable", lambda: [1]())
assert_raises(TypeError, "'dict' object is not callable", lambda: {}())
assert_raises(ValueError, "3 is not in list", lambda: [1, 2].index(3))
assert_raises(ValueError, "tuple.index(x): x not in tuple", lambda: (1,).index(3))
assert_raises(IndexError, "pop from empty list", lambda: [].pop())
assert_raises(KeyError, "'k'", lambda: {}.pop("k"))
assert_raises(KeyError, "'popitem(): dictionary is empty'", lambda: {}.popitem())
assert_raises(KeyError, "'pop from an empty set'", lambda: set().pop())
assert_raises(ValueError, "list.remove(x): x not in list", lambda: [].remove(1))
assert_raises(KeyError, "2", lambda: {1}.remove(2))
assert_raises(ValueError, "substring not found", lambda: "a".index("b"))
assert_raises(IndexError, "pop index out of range", lambda: [1].pop(5))
assert_raises(ValueError, "max() arg is an empty sequence", lambda: max([]))
assert_raises(ValueError, "min() arg is an empty sequence", lambda: min(()))
assert_raises(StopIteration, "", lambda: next(iter([])))
assert_raises(ValueError, "chr() arg not in range(0x110000)", lambda: chr(-1))
assert_raises(
    TypeError, "ord() expected a character, but string of length 2 found", lambda: ord("ab")
)
assert_raises(TypeError, "sequence item 0: expected str instance, int found", lambda: "".join([1]))
assert_raises(
    TypeError, "sequence item 1: expected str instance, int found", lambda: "".join(["a", 2])
)
assert_raises(TypeError, "unsupported operand type(s) for +: 'int' and 'str'", lambda: sum(["a"]))
assert_raises(
    TypeError, "'<' not supported between instances of 'str' and 'int'", lambda: sorted([1, "a"])
)
assert_raises(TypeError, "'int' object is not iterable", lambda: list(3))
assert_raises(
    TypeError,
    "cannot convert dictionary update sequence element #0 to a sequence",
    lambda: dict([1]),
)
assert_raises(
    ValueError,
    "dictionary update sequence element #0 has length 3; 2 is required",
    lambda: dict([(1, 2, 3)]),
)
assert_raises(TypeError, "'int' object is not iterable", lambda: dict(3))
assert_raises(TypeError, "'int' object is not iterable", lambda: tuple(1))
assert_raises(TypeError, "'float' object cannot be interpreted as an integer", lambda: range(1.5))
assert_raises(ValueError, "range() arg 3 must not be zero", lambda: range(1, 2, 0))
assert_raises(ValueError, "slice step cannot be zero", lambda: [1, 2][::0])
assert_raises(TypeError, "slice expected at least 1 argument, got 0", lambda: slice())
assert_raises(ValueError, "bytes must be in range(0, 256)", lambda: bytes([256]))
assert_raises(
    UnicodeEncodeError,
    "'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)",
    lambda: "é".encode("ascii"),
)
assert_raises(
    UnicodeDecodeError,
    "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    lambda: b"\xff".decode(),
)
assert_raises(TypeError, "'int' object is not iterable", lambda: zip(1))
assert_raises(TypeError, "enumerate() missing required argument 'iterable'", lambda: enumerate())
assert_raises(TypeError, "bad operand type for abs(): 'str'", lambda: abs("a"))
assert_raises(TypeError, "type str doesn't define __round__ method", lambda: round("a"))
assert_raises(TypeError, "isinstance expected 2 arguments, got 1", lambda: isinstance(1))
assert_raises(TypeError, "attribute name must be string, not 'int'", lambda: getattr(1, 2))
assert_raises(TypeError, "getattr expected at least 2 arguments, got 1", lambda: getattr(1))


def setitem(o, k):
    o[k] = 1


assert_raises(TypeError, "'tuple' object does not support item assignment", setitem, (1,), 0)
assert_raises(TypeError, "'str' object does not support item assignment", setitem, "abc", 0)
assert_raises(IndexError, "list assignment index out of range", setitem, [1], 5)
assert_raises(TypeError, "'NoneType' object does not support item assignment", setitem, None, 0)
assert_raises(TypeError, "list indices must be integers or slices, not str", setitem, [1], "a")
assert_raises(TypeError, "unhashable type: 'list'", setitem, {}, [])
assert_raises(TypeError, "'int' object does not support item assignment", setitem, 5, 0)


def delitem(o, k):
    del o[k]


assert_raises(TypeError, "'tuple' object doesn't support item deletion", delitem, (1,), 0)
assert_raises(IndexError, "list assignment index out of range", delitem, [1], 5)
assert_raises(KeyError, "'x'", delitem, {}, "x")
assert_raises(TypeError, "'str' object doesn't support item deletion", delitem, "a", 0)
assert_raises(TypeError, "'int' object does not support item deletion", delitem, 5, 0)


def unpack(v):
    a, b = v


def unpack_star(v):
    a, b, *c = v


assert_raises(ValueError, "not enough values to unpack (expected 2, got 1)", unpack, (1,))
assert_raises(ValueError, "too many values to unpack (expected 2)", unpack, (1, 2, 3))
assert_raises(TypeError, "cannot unpack non-iterable int object", unpack, 3)
assert_raises(TypeError, "cannot unpack non-iterable NoneType object", unpack, None)
assert_raises(ValueError, "not enough values to unpack (expected 2, got 0)", unpack, "")
assert_raises(
    ValueError, "not enough values to unpack (expected at least 2, got 1)", unpack_star, (1,)
)
assert_raises(ValueError, "too many values to unpack (expected 2)", unpack, [1, 2, 3])
assert_raises(ValueError, "not enough values to unpack (expected 2, got 1)", unpack, {1: 2})
assert_raises(ValueError, "too many values to unpack (expected 2)", unpack, range(9))
assert_raises(ValueError, "not enough values to unpack (expected 2, got 1)", unpack, iter([1]))


def unbound():
    note(loc)
    loc = 1


assert_raises(
    UnboundLocalError,
    "cannot access local variable 'loc' where it is not associated with a value",
    unbound,
)


def free():
    def g():
        return fv

    g()
    fv = 1


assert_raises(
    NameError,
    "cannot access free variable 'fv' where it is not associated with a value in enclosing scope",
    free,
)


def delloc():
    z = 1
    del z
    return z


assert_raises(
    UnboundLocalError,
    "cannot access local variable 'z' where it is not associated with a value",
    delloc,
)
assert_raises(
    ModuleNotFoundError,
    "No module named 'no_such_module_xyz'",
    lambda: __import__("no_such_module_xyz"),
)


def imp():
    try:
        from math import no_such_name
    except ImportError as e:
        raise ImportError(str(e).split(" (")[0])  # what follows is where CPython's library lies


assert_raises(ImportError, "cannot import name 'no_such_name' from 'math'", imp)


def asrt(m=None):
    if m:
        assert 1 == 2, m
    assert False


assert_raises(AssertionError, "", asrt)
assert_raises(AssertionError, "message", asrt, "message")
assert_raises(AssertionError, "('tuple', 1)", asrt, ("tuple", 1))
assert_raises(NameError, "name 'exec_missing' is not defined", lambda: exec_missing("1"))
assert_raises(ValueError, "thrown", lambda: (_ for _ in ()).throw(ValueError("thrown")))


def rec(n):
    return rec(n + 1)


try:
    rec(0)
except RecursionError as r:
    assert_eq(type(r).__name__, "RecursionError")
    assert_eq(str(r)[:32], "maximum recursion depth exceeded")
import sys

try:
    raise ValueError("info")
except ValueError:
    t, v, tb = sys.exc_info()
    assert_eq(t.__name__, "ValueError")
    assert_eq(str(v), "info")
    assert_eq(tb is not None, True)
assert_eq(sys.exc_info(), (None, None, None))
try:
    raise SystemExit(3)
except SystemExit as s:
    assert_eq(s.code, 3)
    assert_eq(repr(s), "SystemExit(3)")
o = OSError(2, "No such file", "f.txt")
assert_eq(o.errno, 2)
assert_eq(o.strerror, "No such file")
assert_eq(o.filename, "f.txt")
assert_eq(str(o), "[Errno 2] No such file: 'f.txt'")
assert_eq(type(o).__name__, "FileNotFoundError")
assert_eq(type(OSError(2, "x")).__name__, "FileNotFoundError")
assert_eq(str(OSError("plain")), "plain")
assert_eq(repr(OSError(1, "a")), "PermissionError(1, 'a')")
i = ImportError("m", name="nm", path="p")
assert_eq(i.name, "nm")
assert_eq(i.path, "p")
assert_eq(i.msg, "m")
assert_eq(StopIteration(5).value, 5)
assert_eq(AttributeError("m", name="n", obj=3).name, "n")
eg = ExceptionGroup("eg", [ValueError(1), KeyError(2)])
assert_eq(str(eg), "eg (2 sub-exceptions)")
assert_eq(len(eg.exceptions), 2)
assert_eq(eg.message, "eg")

finish(301)
