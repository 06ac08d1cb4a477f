# The match statement: literals, captures, sequences, mappings, classes, guards, or-patterns.
from checks import assert_eq, assert_noted, finish, note
from dataclasses import dataclass
from enum import Enum


class Color(Enum):
    RED = 1
    BLUE = 2


@dataclass
class P:
    x: int
    y: int = 0


class M:
    __match_args__ = ("a",)

    def __init__(self, a, b):
        self.a, self.b = a, b


def m(v):
    match v:
        case 0:
            return "zero"
        case -1 | 1.5:
            return "neg or float"
        case True:
            return "true"
        case None:
            return "none"
        case "st":
            return "st"
        case Color.RED:
            return "red"
        case Color():
            return "other color"
        case []:
            return "empty seq"
        case [x]:
            return ("one", x)
        case [1, [y, *_], z]:
            return ("nested", y, z)
        case [first, *mid, last] if len(mid) > 2:
            return ("long", first, mid, last)
        case (a, b):
            return ("pair", a, b)
        case {"k": 1, **rest}:
            return ("k1", rest)
        case {"k": k, "t": [int() as t, *_]}:
            return ("kt", k, t)
        case {}:
            return "mapping"
        case P(x=0, y=yy):
            return ("origin x", yy)
        case P(px, py):
            return ("P", px, py)
        case M(5, b=bb):
            return ("M5", bb)
        case M(aa):
            return ("M", aa)
        case str() as s if s.startswith("x"):
            return ("xstr", s)
        case str(s):
            return ("str", s)
        case int(n) | float(n):
            return ("num", n)
        case bytes():
            return "bytes"
        case _:
            return "other"


for v in [
    0,
    0.0,
    False,
    -1,
    1.5,
    True,
    1,
    None,
    "st",
    Color.RED,
    Color.BLUE,
    [],
    (),
    [9],
    "a",
    "xyz",
    [1, [2, 3, 4], 5],
    [1, 2, 3, 4, 5],
    (1, 2),
    [1, 2, 3],
    {"k": 1, "z": 2},
    {"k": 2, "t": [3, 4]},
    {"k": 2, "t": []},
    {},
    P(0, 4),
    P(1, 2),
    M(5, 6),
    M(1, 2),
    42,
    2.5,
    b"x",
    {1},
    range(2),
    object,
]:
    note(type(v).__name__, m(v))
assert_noted(
    ("int", "zero"),
    ("float", "zero"),
    ("bool", "zero"),
    ("int", "neg or float"),
    ("float", "neg or float"),
    ("bool", "true"),
    ("int", "('num', 1)"),
    ("NoneType", "none"),
    ("str", "st"),
    ("Color", "red"),
    ("Color", "other color"),
    ("list", "empty seq"),
    ("tuple", "empty seq"),
    ("list", "('one', 9)"),
    ("str", "('str', 'a')"),
    ("str", "('xstr', 'xyz')"),
    ("list", "('nested', 2, 5)"),
    ("list", "('long', 1, [2, 3, 4], 5)"),
    ("tuple", "('pair', 1, 2)"),
    ("list", "other"),
    ("dict", "('k1', {'z': 2})"),
    ("dict", "('kt', 2, 3)"),
    ("dict", "mapping"),
    ("dict", "mapping"),
    ("P", "('origin x', 4)"),
    ("P", "('P', 1, 2)"),
    ("M", "('M5', 6)"),
    ("M", "('M', 1)"),
    ("int", "('num', 42)"),
    ("float", "('num', 2.5)"),
    ("bytes", "bytes"),
    ("set", "other"),
    ("range", "('pair', 0, 1)"),
    ("type", "other"),
)


def cmd(line):
    match line.split():
        case ["go", ("north" | "south") as d]:
            return f"going {d}"
        case ["take", *items, "now"]:
            return f"took {items}"
        case [c, *rest]:
            return f"? {c} {len(rest)}"
    return "nothing"


for l in ["go north", "go up", "take a b now", "", "x"]:
    note(cmd(l))
assert_noted(
    ("going north",),
    ("? go 1",),
    ("took ['a', 'b']",),
    ("nothing",),
    ("? x 0",),
)
x = 5
match x:
    case y if y > 10:
        note("big")
    case y:
        # captured
        assert_eq(y, 5)
assert_eq(y, 5)
match (1, {"a": [P(3, 4)]}):
    case (int(i), {"a": [P(x=q)]}):
        assert_eq(i, 1)
        assert_eq(q, 3)
match [1, 2]:
    case {"a": 1}:
        note("no")
    case [_, _] as whole:
        assert_eq(whole, [1, 2])
try:
    match M(1, 2):
        case M(1, 2):
            note("no")
except TypeError as e:
    assert_eq(str(e), "M() accepts 1 positional sub-pattern (2 given)")
try:
    match P(1, 2):
        case P(1, x=1):
            note("no")
except TypeError as e:
    assert_eq(str(e), "P() got multiple sub-patterns for attribute 'x'")
match 3, 4:
    case 3, n:
        # tuple subject
        assert_eq(n, 4)


def guard_effects():
    log = []

    def g(v):
        log.append(v)
        return v == 2

    match 5:
        case n if g(1):
            pass
        case n if g(2):
            log.append("hit")
        case _:
            log.append("miss")
    return log


assert_eq(guard_effects(), [1, 2, "hit"])

finish(82)
