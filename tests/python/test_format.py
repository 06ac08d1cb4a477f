# Formatting: f-strings, format specs, % formatting, str.format, repr of floats and strings.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


n, s, fl = 42, "text", 3.14159
print(
    f"{n} {s!r} {fl:.2f} {n:>5}|{n:<5}|{n:^5}|{n:05d} {n:+} {n:x} {n:#X} {n:b} {n:#o} {n:,} {1234567:_} {12345678:,}"
)
print(f"{s:>8}|{s:*^10}|{s:.2}|{s:<6.3}|{s!s:>6}|{s!a}")
w, p = 10, 3
print(
    f"{fl:{w}.{p}}|{fl:<{w}.{p}f}|{n:{'>'}{w}}|{{literal}}|{{{n}}}|{n=}|{n + 1 = }|{s=!s}|{fl=:.1f}"
)
print(
    f"{'nested ' + f'{n}'} {[i for i in range(3)]} { {'a': 1}['a'] } {(lambda x: x * 2)(4)} {n if n > 1 else 0}"
)
print(f"{n!r:>6} {None} {True} {[1, 'a']} {(1,)} { {1} } {1.0} {1e100} {b'x'} joined {n} plain")
print(
    f"""multi
{
        n:
>6}"""
    if False
    else "skip",
    rf"\d{n}",
    f"\t{n}\n".strip(),
)
print(
    f"{1.5:e} {1.5:E} {123456789.0:g} {0.00001234:g} {1e10:g} {0.5:%} {0.256:.1%} {1e6:,.2f} {-1.5:+.1f} {1.5: } {-0.0} {0.0:+}"
)
print(f"{12:c}".isprintable(), f"{65:c}", f"{3:5d}|{-3:05d}|{3:<05d}|{-3:=6d}|{3:^+6d}")
print(f"{2**70:,} {2**70:x} {-(2**65):_d} {True:d} {True} {True:>6}")
print(
    f"{1e16} {1e15} {123456789012345678.0} {1e-4} {1e-5} {0.1 + 0.2} {1 / 3} {100.0} {1e22} {1.7976931348623157e308} {5e-324} {float('inf')} {float('-inf')} {float('nan')}"
)
print(
    2.5,
    -0.0,
    1e300 * 10,
    0.1,
    1e5,
    123456.789,
    1.0e-10,
    3.0e8,
    2.0**53,
    2.0**60,
    9007199254740993.0,
    4.35,
    0.30000000000000004,
)
print(
    f"{3.0:.0f} {2.5:.0f} {3.5:.0f} {0.125:.2f} {1.005:.2f} {1e-7:.3f} {12345.678:.2e} {12345.678:.3g} {12345.678:10.1f}|{float('inf'):>6}|{float('nan'):06}|"
)
print(f"{3:.2f} {3:e} {3:g} {10**20:g} {7:.1%} {True:.1f}")
print(
    format(3.14159, ".3"),
    format(1234.5, "10.2"),
    format(100.0, ".3"),
    format(1e20, ".3"),
    format(0.0001, ".2"),
    format("x"),
    format(3),
    format(3.0),
    format(None),
    format([1]),
)
print(
    f"{1234.5678:010.2f}|{-1234.5678:,.1f}|{1234.5:<12,}|{0.5:<6}|{5.0:>6}|{1.0:#.0f}|{1:#x}|{255:#010x}|{255:#b}"
)
err(lambda: f"{3:z9}")
err(lambda: f"{'a':d}")
err(lambda: f"{3.5:d}")
err(lambda: f"{3:s}")
err(lambda: f"{None:>5}")
err(lambda: f"{[1]:>5}")
err(lambda: format("a", "+"))
err(lambda: format("a", "=5"))
err(lambda: f"{'a':,}")
err(lambda: f"{3:.2d}")
print(
    "{} {} {}".format(1, "b", 2.5),
    "{0} {1} {0}".format("a", "b"),
    "{x} {y!r:>5} {z[0]} {z[k]} {o.real}".format(x=1, y="q", z={"k": 2, 0: "zero"}, o=7)
    if True
    else "",
)
print(
    "{:>{w}}|{:{f}^{w}}|{{}}|{!r}".format("a", "b", "c", w=4, f="*"),
    "{0[1]} {1.imag} {a[b]}".format([1, 2], 3, a={"b": 4}),
    "{:,}".format(1000000),
)
err(lambda: "{} {}".format(1))
err(lambda: "{x}".format())
err(lambda: "{0} {}".format(1, 2))
err(lambda: "{".format())
err(lambda: "}".format())
err(lambda: "{a.b}".format(a=1))
err(lambda: "{a[0]}".format(a=[]))
err(lambda: "{!x}".format(1))
print("{a} {b}".format_map({"a": 1, "b": 2}))
print(
    "%d %s %r %5.2f|%-6s|%06d|%x|%X|%o|%e|%g|%%|%c|%c|%+d|% d|%#x|%i|%5s|%.2s"
    % (
        1,
        "s",
        "r",
        3.14159,
        "ab",
        42,
        255,
        255,
        8,
        1.5,
        0.0001,
        "z",
        65,
        3,
        4,
        255,
        7,
        "r",
        "trunc",
    )
)
print(
    "%s" % "x",
    "%s" % (1,),
    "%s %s" % ("a", [1]),
    "%(a)s %(b)03d" % {"a": 1, "b": 2},
    "%s" % None,
    "%s" % [1, 2],
    "%r" % ("t",),
    "%*d|%-*d|%.*f" % (5, 1, 4, 2, 1, 2.55),
    "%d" % 3.9,
    "%d" % True,
    "%s" % 1.0,
    "%.3s|" % "abcdef",
    "%5s|%-5s|" % ("a", "b"),
    "%d%%" % 50,
    "%s" % {"a": 1},
)
err(lambda: "%d" % "a")
err(lambda: "%s %s" % 1)
err(lambda: "%s" % (1, 2))
err(lambda: "%(a)s" % {})
err(lambda: "%q" % 1)
err(lambda: "%" % 1)
err(lambda: "a" % 1)
err(lambda: "%(a)s" % 1)
err(lambda: "%x" % 1.5)
err(lambda: "%c" % "ab")


class F:
    def __format__(self, spec):
        return f"<F:{spec}>"

    def __str__(self):
        return "Fstr"

    def __repr__(self):
        return "Frepr"


print(
    f"{F()} {F():abc} {F()!s} {F()!r:>7}",
    "{:x y}".format(F()),
    "%s %r" % (F(), F()),
    [F()],
    (F(),),
    {F(): F()},
    {"k": F()},
)


class OnlyRepr:
    def __repr__(self):
        return "R"


print(str(OnlyRepr()), f"{OnlyRepr()}", "%s" % OnlyRepr(), f"{OnlyRepr()!s:>3}")


class BadStr:
    def __str__(self):
        return 3


err(lambda: str(BadStr()))
err(lambda: f"{BadStr()}")
print(
    repr("it's"),
    repr('say "hi"'),
    repr("both ' and \""),
    repr("tab\tnl\ncr\rbs\\"),
    repr("\x00\x1f\x7f\x80\xa0é€😀"),
    repr(""),
    ascii("é€😀"),
    repr("\u200b\ud7ff"),
    repr("'"),
)
print(repr(b"by'te\x00\xff\n\""), repr(bytearray(b"ab")), str(b"x"), repr(b"'\""))
print(
    repr(
        [
            1,
            "a",
            2.0,
            None,
            True,
            (),
            (1,),
            {},
            set(),
            {1: "x"},
            frozenset(),
            b"q",
            range(3),
            slice(1, None),
            ...,
            NotImplemented,
            int,
        ]
    )
)
l = [1]
l.append(l)
d = {}
d["self"] = d
print(l, d)
print(
    str((1,)),
    str((1, "a")),
    str({"k": [1]}),
    str({1}),
    repr(frozenset([1])),
    str(range(1, 5, 2)),
    range(3),
    str(slice(3)),
)
print("a", 1, None, [2], sep="-", end="!\n")
print()
print(*[1, 2], sep=", ")
print("x", end="")
print("y")
print(
    (1e3).__repr__(),
    (5).__format__("3d"),
    int.__repr__(7),
    str(3 + 0j) if False else "",
    1_000_000,
    0xFF,
    0o17,
    0b101,
    1e-3,
    0.5,
    5.0,
    1_0.0_1,
)
print(
    "\N{BULLET} \x41 \u0042 \U00000043 \101 \
cont",
    r"raw\n",
    b"\x41\n",
    "abc",
    """tri"ple""",
    "'",
)
print(
    f"{n:>{w}}{'!'!r}",
    f"{'a' if n else 'b'}",
    f"{s['x':] if False else s[1:3]}",
    f"{s[::-1]}",
    f"{ {**{'k': 1}} }",
    f"{n:{w}}",
    f"{'{}'}",
    f"{n:%d}" if False else "",
)
