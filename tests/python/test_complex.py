# Complex numbers and except* clauses.
import math, numbers


def err(f):
    try:
        print("ok", f())
    except Exception as e:
        print(type(e).__name__ + ":", e)


z = 3 + 4j
print(
    z,
    1j,
    -1j,
    complex(1.5, -2),
    complex("1+2j"),
    complex("-3.5e2j"),
    complex(" (2-1j) "),
    complex(4),
    complex(),
    2j * 2j,
    1 - z,
    z - 1,
    z / (1 - 1j),
    10 / z,
    z**2,
    z**-1,
    2**1j == complex(math.cos(math.log(2)), math.sin(math.log(2))),
)
print(
    abs(z),
    z.real,
    z.imag,
    z.conjugate(),
    -z,
    +z,
    z == 3 + 4j,
    z == 3,
    3 + 0j == 3,
    z != 4,
    bool(0j),
    bool(z),
    (5).imag,
    (2.5).imag,
    (5).real,
    (2.5).conjugate(),
    True.imag,
)
print(
    isinstance(z, complex),
    isinstance(z, numbers.Complex),
    isinstance(z, numbers.Real),
    isinstance(3, numbers.Complex),
    type(z).__name__,
    round(((-8) ** (1 / 3)).real, 9),
    type((-2.0) ** 0.5).__name__,
    hash(3 + 0j) == hash(3),
    {1j: 2}[1j],
    len({1 + 0j, 1}),
)
err(lambda: z < 1)
err(lambda: float(z))
err(lambda: int(z))
err(lambda: z / 0)
err(lambda: complex("1+"))
err(lambda: complex("x"))
err(lambda: z // 2)
err(lambda: complex([]))
err(lambda: 0j**-1)
print(
    f"{z}",
    f"{1.5 + 2j:.2f}",
    "%s" % (1 - 2j,),
    repr([1j, 0.5 - 1e20j]),
    complex(1j, 2j),
    sum([1j, 2, 3.5]),
)
match 2 + 3j:
    case 1 + 3j:
        print("no")
    case 2 + 3j:
        print("complex pattern")


def run(make):
    try:
        try:
            raise make()
        except* ValueError as g:
            print("values", type(g).__name__, g.message, [str(e) for e in g.exceptions])
        except* (TypeError, KeyError) as g:
            print("types", [type(e).__name__ for e in g.exceptions])
        else:
            print("else")
        finally:
            print("finally")
    except BaseException as e:
        print("left", type(e).__name__, e, [repr(x) for x in getattr(e, "exceptions", ())])


run(lambda: ValueError("a"))
run(lambda: ExceptionGroup("g", [ValueError(1), TypeError(2)]))
run(
    lambda: ExceptionGroup(
        "g", [ValueError(1), OSError(2), ExceptionGroup("h", [KeyError("k"), ValueError(3)])]
    )
)
run(lambda: OSError("plain"))


def nothing():
    try:
        pass
    except* ValueError:
        print("no")
    else:
        print("else")
    try:
        try:
            raise ExceptionGroup("g", [ValueError(1), OSError(2)])
        except* ValueError as e:
            raise RuntimeError("new")
    except BaseExceptionGroup as e:
        print(type(e).__name__, [type(x).__name__ for x in e.exceptions])
    try:
        try:
            raise ExceptionGroup("g", [ValueError(1), OSError(2)])
        except* ValueError:
            raise
    except ExceptionGroup as e:
        print(e.message, [type(x).__name__ for x in e.exceptions])
    try:
        print(e)
    except UnboundLocalError:
        print("unbound")


nothing()
