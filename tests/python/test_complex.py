# Complex numbers and except* clauses.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import math, numbers


z = 3 + 4j
assert_eq(z, (3 + 4j))
assert_eq(str(-1j), "(-0-1j)")
assert_eq(complex(1.5, -2), (1.5 - 2j))
assert_eq(complex("1+2j"), (1 + 2j))
assert_eq(str(complex("-3.5e2j")), "-350j")
assert_eq(complex(" (2-1j) "), (2 - 1j))
assert_eq(complex(4), (4 + 0j))
assert_eq(complex(), 0j)
assert_eq(2j * 2j, (-4 + 0j))
assert_eq(1 - z, (-2 - 4j))
assert_eq(z - 1, (2 + 4j))
assert_eq(z / (1 - 1j), (-0.5 + 3.5j))
assert_eq(10 / z, (1.2 - 1.6j))
assert_eq(z**2, (-7 + 24j))
assert_eq(z**-1, (0.12 - 0.16j))
assert_eq(2**1j == complex(math.cos(math.log(2)), math.sin(math.log(2))), True)
assert_eq(abs(z), 5.0)
assert_eq(z.real, 3.0)
assert_eq(z.imag, 4.0)
assert_eq(z.conjugate(), (3 - 4j))
assert_eq(-z, (-3 - 4j))
assert_eq(+z, (3 + 4j))
assert_eq(z == 3 + 4j, True)
assert_eq(z == 3, False)
assert_eq(3 + 0j == 3, True)
assert_eq(z != 4, True)
assert_eq(bool(0j), False)
assert_eq(bool(z), True)
assert_eq((5).imag, 0)
assert_eq((2.5).imag, 0.0)
assert_eq((5).real, 5)
assert_eq((2.5).conjugate(), 2.5)
assert_eq(True.imag, 0)
assert_eq(isinstance(z, complex), True)
assert_eq(isinstance(z, numbers.Complex), True)
assert_eq(isinstance(z, numbers.Real), False)
assert_eq(isinstance(3, numbers.Complex), True)
assert_eq(type(z).__name__, "complex")
assert_eq(round(((-8) ** (1 / 3)).real, 9), 1.0)
assert_eq(type((-2.0) ** 0.5).__name__, "complex")
assert_eq(hash(3 + 0j) == hash(3), True)
assert_eq({1j: 2}[1j], 2)
assert_eq(len({1 + 0j, 1}), 1)
assert_raises(
    TypeError, "'<' not supported between instances of 'complex' and 'int'", lambda: z < 1
)
assert_raises(
    TypeError, "float() argument must be a string or a real number, not 'complex'", lambda: float(z)
)
assert_raises(
    TypeError,
    "int() argument must be a string, a bytes-like object or a real number, not 'complex'",
    lambda: int(z),
)
assert_raises(ZeroDivisionError, "complex division by zero", lambda: z / 0)
assert_raises(ValueError, "complex() arg is a malformed string", lambda: complex("1+"))
assert_raises(ValueError, "complex() arg is a malformed string", lambda: complex("x"))
assert_raises(TypeError, "unsupported operand type(s) for //: 'complex' and 'int'", lambda: z // 2)
assert_raises(
    TypeError,
    "complex() first argument must be a string or a number, not 'list'",
    lambda: complex([]),
)
assert_raises(ZeroDivisionError, "0.0 to a negative or complex power", lambda: 0j**-1)
assert_eq(f"{z}", "(3+4j)")
assert_eq(f"{1.5 + 2j:.2f}", "1.50+2.00j")
assert_eq("%s" % (1 - 2j,), "(1-2j)")
assert_eq(repr([1j, 0.5 - 1e20j]), "[1j, (0.5-1e+20j)]")
assert_eq(complex(1j, 2j), (-2 + 1j))
assert_eq(sum([1j, 2, 3.5]), (5.5 + 1j))
match 2 + 3j:
    case 1 + 3j:
        note("no")
    case 2 + 3j:
        note("complex pattern")
assert_noted(("complex pattern",))


def run(make):
    try:
        try:
            raise make()
        except* ValueError as g:
            note("values", type(g).__name__, g.message, [str(e) for e in g.exceptions])
        except* (TypeError, KeyError) as g:
            note("types", [type(e).__name__ for e in g.exceptions])
        else:
            note("else")
        finally:
            note("finally")
    except BaseException as e:
        note("left", type(e).__name__, e, [repr(x) for x in getattr(e, "exceptions", ())])


run(lambda: ValueError("a"))
assert_noted(
    ("values", "ExceptionGroup", "", "['a']"),
    ("finally",),
)
run(lambda: ExceptionGroup("g", [ValueError(1), TypeError(2)]))
assert_noted(
    ("values", "ExceptionGroup", "g", "['1']"),
    ("types", "['TypeError']"),
    ("finally",),
)
run(
    lambda: ExceptionGroup(
        "g", [ValueError(1), OSError(2), ExceptionGroup("h", [KeyError("k"), ValueError(3)])]
    )
)
assert_noted(
    ("values", "ExceptionGroup", "g", "['1', 'h (1 sub-exception)']"),
    ("types", "['ExceptionGroup']"),
    ("finally",),
    ("left", "ExceptionGroup", "g (1 sub-exception)", "['OSError(2)']"),
)
run(lambda: OSError("plain"))
assert_noted(
    ("finally",),
    ("left", "OSError", "plain", "[]"),
)


def nothing():
    try:
        pass
    except* ValueError:
        note("no")
    else:
        note("else")
    try:
        try:
            raise ExceptionGroup("g", [ValueError(1), OSError(2)])
        except* ValueError as e:
            raise RuntimeError("new")
    except BaseExceptionGroup as e:
        note(type(e).__name__, [type(x).__name__ for x in e.exceptions])
    try:
        try:
            raise ExceptionGroup("g", [ValueError(1), OSError(2)])
        except* ValueError:
            raise
    except ExceptionGroup as e:
        note(e.message, [type(x).__name__ for x in e.exceptions])
    try:
        note(e)
    except UnboundLocalError:
        note("unbound")


nothing()
assert_noted(
    ("else",),
    ("ExceptionGroup", "['RuntimeError', 'ExceptionGroup']"),
    ("g", "['ValueError', 'OSError']"),
    ("unbound",),
)

finish(93)
