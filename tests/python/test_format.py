# Formatting: f-strings, format specs, % formatting, str.format, repr of floats and strings.
import io

from checks import assert_eq, assert_noted, assert_raises, finish, note


n, s, fl = 42, "text", 3.14159
assert_eq(
    f"{n} {s!r} {fl:.2f} {n:>5}|{n:<5}|{n:^5}|{n:05d} {n:+} {n:x} {n:#X} {n:b} {n:#o} {n:,} {1234567:_} {12345678:,}",
    "42 'text' 3.14    42|42   | 42  |00042 +42 2a 0X2A 101010 0o52 42 1_234_567 12,345,678",
)
assert_eq(
    f"{s:>8}|{s:*^10}|{s:.2}|{s:<6.3}|{s!s:>6}|{s!a}", "    text|***text***|te|tex   |  text|'text'"
)
w, p = 10, 3
assert_eq(
    f"{fl:{w}.{p}}|{fl:<{w}.{p}f}|{n:{'>'}{w}}|{{literal}}|{{{n}}}|{n=}|{n + 1 = }|{s=!s}|{fl=:.1f}",
    "      3.14|3.142     |        42|{literal}|{42}|n=42|n + 1 = 43|s=text|fl=3.1",
)
assert_eq(
    f"{'nested ' + f'{n}'} {[i for i in range(3)]} { {'a': 1}['a'] } {(lambda x: x * 2)(4)} {n if n > 1 else 0}",
    "nested 42 [0, 1, 2] 1 8 42",
)
assert_eq(
    f"{n!r:>6} {None} {True} {[1, 'a']} {(1,)} { {1} } {1.0} {1e100} {b'x'} joined {n} plain",
    "    42 None True [1, 'a'] (1,) {1} 1.0 1e+100 b'x' joined 42 plain",
)
assert_eq(
    f"""multi
{
        n:
>6}"""
    if False
    else "skip",
    "skip",
)
assert_eq(rf"\d{n}", "\\d42")
assert_eq(f"\t{n}\n".strip(), "42")
assert_eq(
    f"{1.5:e} {1.5:E} {123456789.0:g} {0.00001234:g} {1e10:g} {0.5:%} {0.256:.1%} {1e6:,.2f} {-1.5:+.1f} {1.5: } {-0.0} {0.0:+}",
    "1.500000e+00 1.500000E+00 1.23457e+08 1.234e-05 1e+10 50.000000% 25.6% 1,000,000.00 -1.5  1.5 -0.0 +0.0",
)
assert_eq(f"{12:c}".isprintable(), False)
assert_eq(f"{65:c}", "A")
assert_eq(f"{3:5d}|{-3:05d}|{3:<05d}|{-3:=6d}|{3:^+6d}", "    3|-0003|30000|-    3|  +3  ")
assert_eq(
    f"{2**70:,} {2**70:x} {-(2**65):_d} {True:d} {True} {True:>6}",
    "1,180,591,620,717,411,303,424 400000000000000000 -36_893_488_147_419_103_232 1 True      1",
)
assert_eq(
    f"{1e16} {1e15} {123456789012345678.0} {1e-4} {1e-5} {0.1 + 0.2} {1 / 3} {100.0} {1e22} {1.7976931348623157e308} {5e-324} {float('inf')} {float('-inf')} {float('nan')}",
    "1e+16 1000000000000000.0 1.2345678901234568e+17 0.0001 1e-05 0.30000000000000004 0.3333333333333333 100.0 1e+22 1.7976931348623157e+308 5e-324 inf -inf nan",
)
assert_eq(-0.0, -0.0)
assert_eq(1e300 * 10, 1e301)
assert_eq(2.0**53, 9007199254740992.0)
assert_eq(2.0**60, 1.152921504606847e18)
assert_eq(
    f"{3.0:.0f} {2.5:.0f} {3.5:.0f} {0.125:.2f} {1.005:.2f} {1e-7:.3f} {12345.678:.2e} {12345.678:.3g} {12345.678:10.1f}|{float('inf'):>6}|{float('nan'):06}|",
    "3 2 4 0.12 1.00 0.000 1.23e+04 1.23e+04    12345.7|   inf|000nan|",
)
assert_eq(
    f"{3:.2f} {3:e} {3:g} {10**20:g} {7:.1%} {True:.1f}", "3.00 3.000000e+00 3 1e+20 700.0% 1.0"
)
assert_eq(format(3.14159, ".3"), "3.14")
assert_eq(format(1234.5, "10.2"), "   1.2e+03")
assert_eq(format(100.0, ".3"), "1e+02")
assert_eq(format(1e20, ".3"), "1e+20")
assert_eq(format(0.0001, ".2"), "0.0001")
assert_eq(format("x"), "x")
assert_eq(format(3), "3")
assert_eq(format(3.0), "3.0")
assert_eq(format(None), "None")
assert_eq(format([1]), "[1]")
assert_eq(
    f"{1234.5678:010.2f}|{-1234.5678:,.1f}|{1234.5:<12,}|{0.5:<6}|{5.0:>6}|{1.0:#.0f}|{1:#x}|{255:#010x}|{255:#b}",
    "0001234.57|-1,234.6|1,234.5     |0.5   |   5.0|1.|0x1|0x000000ff|0b11111111",
)
assert_raises(
    ValueError,
    "Negative zero coercion (z) not allowed in integer format specifier",
    lambda: f"{3:z9}",
)
assert_raises(ValueError, "Unknown format code 'd' for object of type 'str'", lambda: f"{'a':d}")
assert_raises(ValueError, "Unknown format code 'd' for object of type 'float'", lambda: f"{3.5:d}")
assert_raises(ValueError, "Unknown format code 's' for object of type 'int'", lambda: f"{3:s}")
assert_raises(
    TypeError, "unsupported format string passed to NoneType.__format__", lambda: f"{None:>5}"
)
assert_raises(TypeError, "unsupported format string passed to list.__format__", lambda: f"{[1]:>5}")
assert_raises(ValueError, "Sign not allowed in string format specifier", lambda: format("a", "+"))
assert_raises(
    ValueError, "'=' alignment not allowed in string format specifier", lambda: format("a", "=5")
)
assert_raises(ValueError, "Cannot specify ',' with 's'.", lambda: f"{'a':,}")
assert_raises(ValueError, "Precision not allowed in integer format specifier", lambda: f"{3:.2d}")
assert_eq("{} {} {}".format(1, "b", 2.5), "1 b 2.5")
assert_eq("{0} {1} {0}".format("a", "b"), "a b a")
assert_eq(
    "{x} {y!r:>5} {z[0]} {z[k]} {o.real}".format(x=1, y="q", z={"k": 2, 0: "zero"}, o=7)
    if True
    else "",
    "1   'q' zero 2 7",
)
assert_eq("{:>{w}}|{:{f}^{w}}|{{}}|{!r}".format("a", "b", "c", w=4, f="*"), "   a|*b**|{}|'c'")
assert_eq("{0[1]} {1.imag} {a[b]}".format([1, 2], 3, a={"b": 4}), "2 0 4")
assert_eq("{:,}".format(1000000), "1,000,000")
assert_raises(
    IndexError,
    "Replacement index 1 out of range for positional args tuple",
    lambda: "{} {}".format(1),
)
assert_raises(KeyError, "'x'", lambda: "{x}".format())
assert_raises(
    ValueError,
    "cannot switch from manual field specification to automatic field numbering",
    lambda: "{0} {}".format(1, 2),
)
assert_raises(ValueError, "Single '{' encountered in format string", lambda: "{".format())
assert_raises(ValueError, "Single '}' encountered in format string", lambda: "}".format())
assert_raises(AttributeError, "'int' object has no attribute 'b'", lambda: "{a.b}".format(a=1))
assert_raises(IndexError, "list index out of range", lambda: "{a[0]}".format(a=[]))
assert_raises(ValueError, "Unknown conversion specifier x", lambda: "{!x}".format(1))
assert_eq("{a} {b}".format_map({"a": 1, "b": 2}), "1 2")
assert_eq(
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
    ),
    "1 s 'r'  3.14|ab    |000042|ff|FF|10|1.500000e+00|0.0001|%|z|A|+3| 4|0xff|7|    r|tr",
)
assert_eq("%s" % "x", "x")
assert_eq("%s" % (1,), "1")
assert_eq("%s %s" % ("a", [1]), "a [1]")
assert_eq("%(a)s %(b)03d" % {"a": 1, "b": 2}, "1 002")
assert_eq("%s" % None, "None")
assert_eq("%s" % [1, 2], "[1, 2]")
assert_eq("%r" % ("t",), "'t'")
assert_eq("%*d|%-*d|%.*f" % (5, 1, 4, 2, 1, 2.55), "    1|2   |2.5")
assert_eq("%d" % 3.9, "3")
assert_eq("%d" % True, "1")
assert_eq("%s" % 1.0, "1.0")
assert_eq("%.3s|" % "abcdef", "abc|")
assert_eq("%5s|%-5s|" % ("a", "b"), "    a|b    |")
assert_eq("%d%%" % 50, "50%")
assert_eq("%s" % {"a": 1}, "{'a': 1}")
assert_raises(TypeError, "%d format: a real number is required, not str", lambda: "%d" % "a")
assert_raises(TypeError, "not enough arguments for format string", lambda: "%s %s" % 1)
assert_raises(
    TypeError, "not all arguments converted during string formatting", lambda: "%s" % (1, 2)
)
assert_raises(KeyError, "'a'", lambda: "%(a)s" % {})
assert_raises(ValueError, "unsupported format character 'q' (0x71) at index 1", lambda: "%q" % 1)
assert_raises(ValueError, "incomplete format", lambda: "%" % 1)
assert_raises(TypeError, "not all arguments converted during string formatting", lambda: "a" % 1)
assert_raises(TypeError, "format requires a mapping", lambda: "%(a)s" % 1)
assert_raises(TypeError, "%x format: an integer is required, not float", lambda: "%x" % 1.5)
assert_raises(TypeError, "%c requires int or char", lambda: "%c" % "ab")


class F:
    def __format__(self, spec):
        return f"<F:{spec}>"

    def __str__(self):
        return "Fstr"

    def __repr__(self):
        return "Frepr"


assert_eq(f"{F()} {F():abc} {F()!s} {F()!r:>7}", "<F:> <F:abc> Fstr   Frepr")
assert_eq("{:x y}".format(F()), "<F:x y>")
assert_eq("%s %r" % (F(), F()), "Fstr Frepr")
assert_eq(str([F()]), "[Frepr]")
assert_eq(str((F(),)), "(Frepr,)")
assert_eq(str({F(): F()}), "{Frepr: Frepr}")
assert_eq(str({"k": F()}), "{'k': Frepr}")


class OnlyRepr:
    def __repr__(self):
        return "R"


assert_eq(str(OnlyRepr()), "R")
assert_eq(f"{OnlyRepr()}", "R")
assert_eq("%s" % OnlyRepr(), "R")
assert_eq(f"{OnlyRepr()!s:>3}", "  R")


class BadStr:
    def __str__(self):
        return 3


assert_raises(TypeError, "__str__ returned non-string (type int)", lambda: str(BadStr()))
assert_raises(TypeError, "__str__ returned non-string (type int)", lambda: f"{BadStr()}")
assert_eq(repr("it's"), '"it\'s"')
assert_eq(repr('say "hi"'), "'say \"hi\"'")
assert_eq(repr("both ' and \""), "'both \\' and \"'")
assert_eq(repr("tab\tnl\ncr\rbs\\"), "'tab\\tnl\\ncr\\rbs\\\\'")
assert_eq(repr("\x00\x1f\x7f\x80\xa0é€😀"), "'\\x00\\x1f\\x7f\\x80\\xa0é€😀'")
assert_eq(repr(""), "''")
assert_eq(ascii("é€😀"), "'\\xe9\\u20ac\\U0001f600'")
assert_eq(repr("\u200b\ud7ff"), "'\\u200b\\ud7ff'")
assert_eq(repr("'"), '"\'"')
assert_eq(repr(b"by'te\x00\xff\n\""), "b'by\\'te\\x00\\xff\\n\"'")
assert_eq(repr(bytearray(b"ab")), "bytearray(b'ab')")
assert_eq(str(b"x"), "b'x'")
assert_eq(repr(b"'\""), "b'\\'\"'")
assert_eq(
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
    ),
    "[1, 'a', 2.0, None, True, (), (1,), {}, set(), {1: 'x'}, frozenset(), b'q', range(0, 3), slice(1, None, None), Ellipsis, NotImplemented, <class 'int'>]",
)
l = [1]
l.append(l)
d = {}
d["self"] = d
assert_eq(str(l), "[1, [...]]")
assert_eq(str(d), "{'self': {...}}")
assert_eq(str((1,)), "(1,)")
assert_eq(str((1, "a")), "(1, 'a')")
assert_eq(str({"k": [1]}), "{'k': [1]}")
assert_eq(str({1}), "{1}")
assert_eq(repr(frozenset([1])), "frozenset({1})")
assert_eq(str(range(1, 5, 2)), "range(1, 5, 2)")
assert_eq(str(range(3)), "range(0, 3)")
assert_eq(str(slice(3)), "slice(None, 3, None)")
out = io.StringIO()
print("a", 1, None, [2], sep="-", end="!\n", file=out)
print(file=out)
print(*[1, 2], sep=", ", file=out)
print("x", end="", file=out)
print("y", file=out)
assert_eq(out.getvalue(), "a-1-None-[2]!\n\n1, 2\nxy\n")
assert_eq((1e3).__repr__(), "1000.0")
assert_eq((5).__format__("3d"), "  5")
assert_eq(int.__repr__(7), "7")
assert_eq(str(3 + 0j) if False else "", "")
note(
    "\N{BULLET} \x41 \u0042 \U00000043 \101 \
cont",
    r"raw\n",
    b"\x41\n",
    "abc",
    """tri"ple""",
    "'",
)
assert_noted(("• A B C A cont", "raw\\n", "b'A\\n'", "abc", 'tri"ple', "'"))
assert_eq(f"{n:>{w}}{'!'!r}", "        42'!'")
assert_eq(f"{'a' if n else 'b'}", "a")
assert_eq(f"{s['x':] if False else s[1:3]}", "ex")
assert_eq(f"{s[::-1]}", "txet")
assert_eq(f"{ {**{'k': 1}} }", "{'k': 1}")
assert_eq(f"{n:{w}}", "        42")
assert_eq(f"{'{}'}", "{}")
assert_eq(f"{n:%d}" if False else "", "")

finish(138)
