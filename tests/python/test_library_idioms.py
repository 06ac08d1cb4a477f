# The standard library as configuration code uses it: texts, numbers, times, digests, generators, coroutines.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import asyncio, base64, bisect, contextlib, copy, datetime, decimal, fractions, hashlib, heapq, inspect, io, json, math, operator, os, re, statistics, string, struct, sys, textwrap, types, typing, uuid, weakref
from typing import *


# re
assert_eq(re.sub(r"(?P<a>\d+)-(?P<b>\w)", r"\g<b>=\g<a>", "12-x 3-y"), "x=12 y=3")
assert_eq(re.findall(r"(\w)(\d)?", "a1b"), [("a", "1"), ("b", "")])
assert_eq(re.split(r"([,;])\s*", "a, b;c"), ["a", ",", "b", ";", "c"])
assert_eq(
    re.fullmatch(r"model\.layers\.(\d+)\.(?!attn).*", "model.layers.12.mlp.gate").group(1), "12"
)
assert_eq(bool(re.match(r"(?i)LM_head$", "lm_HEAD")), True)
assert_eq([m.span() for m in re.finditer(r"a+?", "aa")], [(0, 1), (1, 2)])
assert_eq(
    re.compile(
        r"""
  (\d+)  # digits
  \s*[kK]""",
        re.X,
    )
    .search("12 K")
    .groups(),
    ("12",),
)
assert_eq(re.escape("a.b*"), "a\\.b\\*")
assert_eq(re.sub("x", lambda m: m[0].upper(), "axb", count=1), "aXb")
assert_eq(re.match(r"(a)|(b)", "b").lastindex, 2)
assert_eq(re.search(r"(?<=layers\.)\d+", "layers.3").group(), "3")
assert_eq(re.subn("a", "b", "aaa"), ("bbb", 3))
assert_eq(re.match(r"(\w+) (?:\1)", "ab ab") is not None, True)
assert_eq(re.compile("a|b").pattern, "a|b")
assert_eq(re.search(r"\bq_proj\b", "x.q_proj.w").start(), 2)
# formats
assert_eq(
    "{:>8.3f}|{:<6}|{:^7}|{:+d}|{:#x}|{:08.2f}|{:,}|{:_}|{:e}|{:.2%}|{!r:>5}|{:b}|{:c}|{:g}|{:n}".format(
        3.14159, "ab", "mid", 5, 255, -2.5, 1234567, 1234567, 12345.678, 0.256, "q", 5, 65, 1e-10, 7
    ),
    "   3.142|ab    |  mid  |+5|0xff|-0002.50|1,234,567|1_234_567|1.234568e+04|25.60%|  'q'|101|A|1e-10|7",
)
assert_eq("{0[a]} {1.real} {x!s:*^5} {{}}".format({"a": 1}, 2, x="y"), "1 2 **y** {}")
assert_eq(
    "%5.2f|%-5s|%05d|%x|%r|%%|%(a)s" % {"a": 1}
    if False
    else "%5.2f|%-5s|%05d|%x|%r|%%" % (1.5, "a", 42, 255, "z"),
    " 1.50|a    |00042|ff|'z'|%",
)
assert_eq(
    f"{3.0!r:>6}{'x':.<4}{10:{'>'}{5}}{1e16}{1e15}{0.1 + 0.2}{2**70}{-0.0}{float('inf')}",
    "   3.0x...   101e+161000000000000000.00.300000000000000041180591620717411303424-0.0inf",
)
assert_eq(f"{1+1=}", "1+1=2")
assert_eq(format(1234.5, ",.1f"), "1,234.5")
assert_eq(format(True), "True")
assert_eq(format(None, ""), "None")
assert_eq(str(1e22), "1e+22")
assert_eq(repr(1e-5), "1e-05")
assert_eq(round(2.5), 2)
assert_eq(round(-1.55, 1), -1.6)
assert_eq(round(12345, -2), 12300)
assert_eq(7 // -2, -4)
assert_eq(-7 % 3, 2)
assert_eq(divmod(-7.5, 2), (-4.0, 0.5))
assert_eq((0.1).hex(), "0x1.999999999999ap-4")
assert_eq(float.fromhex("0x1.8p1"), 3.0)
assert_eq((255).to_bytes(2, "big"), b"\x00\xff")
assert_eq(int.from_bytes(b"\x01\x00", "little"), 1)
assert_eq((10).bit_length(), 4)
assert_eq(int("0x1f", 16), 31)
assert_eq(int("1_000"), 1000)
assert_eq((1e3).is_integer(), True)
assert_eq((0.75).as_integer_ratio(), (3, 4))
assert_eq(f"{datetime.date(2024, 2, 3):%Y/%m}", "2024/02")


# match
class Pt:
    __match_args__ = ("x", "y")

    def __init__(s, x, y):
        s.x, s.y = x, y


def m(v):
    match v:
        case Pt(0, y=b):
            return ("axis", b)
        case Pt(x, y) if x == y:
            return "diag"
        case Pt():
            return "point"
        case {"type": "a" | "b" as t, **rest}:
            return (t, rest)
        case [int(a), *mid, str() as z]:
            return (a, mid, z)
        case (1 | 2) as n:
            return n
        case str(s):
            return s.upper()
        case None | True:
            return "single"
        case float():
            return "float"
        case _:
            return "other"


assert_eq(
    [
        m(v)
        for v in (
            Pt(0, 5),
            Pt(2, 2),
            Pt(1, 2),
            {"type": "b", "k": 1},
            [1, 2, 3, "z"],
            2,
            "abc",
            None,
            True,
            2.5,
            [],
            {},
        )
    ],
    [
        ("axis", 5),
        "diag",
        "point",
        ("b", {"k": 1}),
        (1, [2, 3], "z"),
        2,
        "ABC",
        "single",
        True,
        "float",
        "other",
        "other",
    ],
)
# walrus in comprehensions, generators' send and throw, coroutines
assert_eq([y := 1, y**2], [1, 1])
assert_eq([last := x for x in range(3)], [0, 1, 2])
assert_eq(last, 2)
assert_eq(any((hit := n) > 3 for n in [1, 5, 9]), True)
assert_eq(hit, 5)
assert_eq({k: v for k, v in zip("ab", [1, 2]) if (w := v) > 1}, {"b": 2})
assert_eq(w, 2)


def gen():
    got = []
    try:
        while True:
            try:
                got.append((yield len(got)))
            except KeyError as e:
                got.append("caught")
                yield "thrown"
    finally:
        note("closed", got)
    return 1


g = gen()
assert_eq(next(g), 0)
assert_eq(g.send("a"), 1)
assert_eq(g.throw(KeyError("k")), "thrown")
assert_eq(next(g), 2)
g.close()
assert_noted(("closed", "['a', 'caught']"))


def sub():
    r = yield 1
    note("r", r)
    return "value"


def outer():
    v = yield from sub()
    yield v


o = outer()
assert_eq(next(o), 1)
assert_eq(o.send("s"), "value")
assert_noted(("r", "s"))
assert_raises(StopIteration, "", lambda: next(o))
assert_eq(inspect.isgenerator(o), True)
assert_eq(inspect.isgeneratorfunction(gen), True)


class Actx:
    async def __aenter__(self):
        return "in"

    async def __aexit__(self, *a):
        return False


async def agen():
    for i in range(3):
        yield i


async def main():
    async with Actx() as a:
        pass
    return (
        a,
        [i async for i in agen()],
        await asyncio.sleep(0, "slept"),
        await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2)),
    )


assert_eq(asyncio.run(main()), ("in", [0, 1, 2], "slept", [1, 2]))
assert_eq(inspect.iscoroutinefunction(main), True)
# contextlib, weakref, copy
log = []


@contextlib.contextmanager
def cm(n):
    log.append("in" + n)
    try:
        yield n
    finally:
        log.append("out" + n)


with contextlib.ExitStack() as st:
    st.callback(log.append, "cb")
    assert_eq([st.enter_context(cm(x)) for x in "ab"], ["a", "b"])
    st.push(lambda *a: log.append(a[0] and a[0].__name__))
with contextlib.suppress(KeyError):
    {}["x"]
buf = io.StringIO()
with contextlib.redirect_stdout(buf), contextlib.nullcontext(3) as three:
    print("hidden", end="")
assert_eq(log, ["ina", "inb", None, "outb", "outa", "cb"])
assert_eq(buf.getvalue(), "hidden")
assert_eq(three, 3)


class Node:
    def __init__(s):
        s.kids = []
        s.me = s

    def __deepcopy__(s, memo):
        n = Node.__new__(Node)
        memo[id(s)] = n
        n.kids = copy.deepcopy(s.kids, memo)
        n.me = copy.deepcopy(s.me, memo)
        return n


n = Node()
n.kids = [n, {"a": [1]}]
k = copy.deepcopy(n)
assert_eq(k.me is k, True)
assert_eq(k.kids[0] is k, True)
assert_eq(k.kids[1] is not n.kids[1], True)
assert_eq(copy.copy(n).kids is n.kids, True)
assert_eq(copy.deepcopy((1, [2])), (1, [2]))
assert_eq(weakref.ref(n)() is n, True)
assert_eq(weakref.WeakValueDictionary({1: n})[1] is n, True)
assert_eq(len(weakref.WeakKeyDictionary({n: 1})), 1)


# inspect, operator, heapq, bisect
def f(a, /, b: int = 1, *c, d, e=None, **g) -> str:
    "doc"


s = inspect.signature(f)
ba = s.bind(1, d=2)
ba.apply_defaults()
assert_eq(str(s), "(a, /, b: int = 1, *c, d, e=None, **g) -> str")
assert_eq(list(s.parameters), ["a", "b", "c", "d", "e", "g"])
assert_eq(s.parameters["a"].kind.name, "POSITIONAL_ONLY")
assert_eq(s.parameters["e"].default, None)
assert_eq(ba.arguments, {"a": 1, "b": 1, "c": (), "d": 2, "e": None, "g": {}})
assert_eq(s.return_annotation, str)
assert_eq(inspect.getdoc(f), "doc")
assert_eq(inspect.getfullargspec(f).kwonlyargs, ["d", "e"])
assert_eq(inspect.isclass(Pt), True)
assert_eq(inspect.ismethod(n.__deepcopy__), True)
assert_eq(str(s.replace(return_annotation=int)), "(a, /, b: int = 1, *c, d, e=None, **g) -> int")
assert_eq(str(inspect.signature(Pt.__init__)), "(s, x, y)")
assert_eq(str(inspect.signature(Node()._x if hasattr(n, "_x") else n.__deepcopy__)), "(memo)")
assert_raises(TypeError, "missing a required argument: 'a'", lambda: s.bind())
assert_eq(operator.itemgetter(1, 0)("ab"), ("b", "a"))
assert_eq(operator.attrgetter("x.real")(Pt(2, 3)), 2)
assert_eq(operator.methodcaller("upper")("a"), "A")
assert_eq(operator.index(3), 3)
assert_eq(operator.truth([]), False)
assert_eq(operator.concat([1], [2]), [1, 2])
assert_eq(operator.contains("abc", "b"), True)
assert_eq(heapq.nsmallest(2, [3, 1, 2]), [1, 2])
assert_eq(heapq.nlargest(1, "abc"), ["c"])
assert_eq((h := [3, 1, 2], heapq.heapify(h), heapq.heappop(h), heapq.heappushpop(h, 0))[2:], (1, 0))
assert_eq(list(heapq.merge([1, 4], [2, 3])), [1, 2, 3, 4])
assert_eq(bisect.bisect([1, 2, 2, 3], 2), 3)
assert_eq(bisect.bisect_left([1, 2, 2, 3], 2), 1)
assert_eq(bisect.insort(z := [1, 3], 2), None)
assert_eq(z, [1, 2, 3])
# text, json, times, numbers, digests
assert_eq(string.Template("$a ${b}c $$").substitute(a=1, b=2), "1 2c $")
assert_eq(string.Template("$x").safe_substitute(), "$x")
assert_eq(textwrap.dedent("  a\n    b"), "a\n  b")
assert_eq(textwrap.indent("a\nb", "> "), "> a\n> b")
assert_eq(textwrap.fill("aaa bbb ccc", 7), "aaa bbb\nccc")
assert_eq(textwrap.shorten("hello world foo", 12), "hello [...]")
assert_eq(string.ascii_lowercase[:3], "abc")
assert_eq(string.capwords("ab cd"), "Ab Cd")
assert_eq(
    json.dumps({"b": [1, 2.5, None, True, "é\n"], "a": {1: (2,)}}, sort_keys=True),
    '{"a": {"1": [2]}, "b": [1, 2.5, null, true, "\\u00e9\\n"]}',
)
assert_eq(json.dumps([1, {"a": 2}], indent=2), '[\n  1,\n  {\n    "a": 2\n  }\n]')
assert_eq(str(json.loads('{"a": [1e3, -0.5, "\\u00e9", NaN]}')), "{'a': [1000.0, -0.5, 'é', nan]}")
assert_eq(json.dumps("é", ensure_ascii=False), '"é"')
assert_eq(json.loads("1" * 30), 111111111111111111111111111111)
assert_eq(json.dumps({"x": float("inf")}), '{"x": Infinity}')
assert_eq(json.dumps([1, 2], separators=(",", ":")), "[1,2]")
assert_eq(json.loads("[1]", parse_int=str), ["1"])
assert_eq(json.loads('{"a": 1}', object_pairs_hook=list), [("a", 1)])
assert_raises(
    "JSONDecodeError",
    "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    lambda: json.loads("{"),
)
assert_raises(TypeError, "Object of type set is not JSON serializable", lambda: json.dumps({1, 2}))
d = datetime.datetime(2024, 2, 29, 13, 5, 6)
assert_eq(d.isoformat(), "2024-02-29T13:05:06")
assert_eq(str(d + datetime.timedelta(days=366, hours=2)), "2025-03-01 15:05:06")
assert_eq(d.strftime("%d.%m.%y %H:%M"), "29.02.24 13:05")
assert_eq((datetime.date(2024, 3, 1) - datetime.date(2024, 2, 1)).days, 29)
assert_eq(str(datetime.timedelta(minutes=90)), "1:30:00")
assert_eq(d.weekday(), 3)
assert_eq(str(datetime.datetime.fromisoformat("2024-01-02T03:04:05")), "2024-01-02 03:04:05")
assert_eq(datetime.timedelta(seconds=5).total_seconds(), 5.0)
assert_eq(str(d.replace(year=2020).date()), "2020-02-29")
assert_eq(str(decimal.Decimal("1.10") + decimal.Decimal("2.2")), "3.30")
assert_eq(str(decimal.Decimal(1) / 8), "0.125")
assert_eq(str(fractions.Fraction(3, 6) + 1), "3/2")
assert_eq(str(fractions.Fraction("0.25")), "1/4")
assert_eq(str(fractions.Fraction(0.5).limit_denominator(10)), "1/2")
assert_eq(statistics.mean([1, 2, 4]), 2.3333333333333335)
assert_eq(statistics.median([3, 1, 2, 4]), 2.5)
assert_eq(statistics.pstdev([1, 3]), 1.0)
assert_eq(statistics.mode("aab"), "a")
assert_eq(math.prod([2, 3]), 6)
assert_eq(math.comb(5, 2), 10)
assert_eq(math.perm(5, 2), 20)
assert_eq(math.isqrt(17), 4)
assert_eq(math.gcd(12, 18, 8), 2)
assert_eq(math.lcm(4, 6), 12)
assert_eq(math.ceil(2.1), 3)
assert_eq(math.floor(-2.1), -3)
assert_eq(math.trunc(-2.9), -2)
assert_eq(math.log2(8), 3.0)
assert_eq(math.log(8, 2), 3.0)
assert_eq(math.hypot(3, 4), 5.0)
assert_eq(math.copysign(1, -0.0), -1.0)
assert_eq(math.isclose(0.1 + 0.2, 0.3), True)
assert_eq(math.fsum([0.1] * 10), 1.0)
assert_eq(math.frexp(8.0), (0.5, 4))
assert_eq(math.modf(2.5), (0.5, 2.0))
assert_eq(math.degrees(math.pi), 180.0)
assert_eq(math.erf(0.5), 0.5204998778130465)
assert_eq(math.gamma(5), 24.0)
assert_eq(math.dist((0, 0), (3, 4)), 5.0)
assert_eq(math.nextafter(1, 2), 1.0000000000000002)
assert_eq(math.inf > 10**300, True)
assert_eq(math.remainder(7, 4), -1.0)
assert_eq(math.cbrt(27.0), 3.0000000000000004)
assert_eq(math.exp2(3), 8.0)
assert_eq(struct.pack("<IhBxf", 1, -2, 3, 1.5), b"\x01\x00\x00\x00\xfe\xff\x03\x00\x00\x00\xc0?")
assert_eq(struct.unpack(">HH", b"\x00\x01\x00\x02"), (1, 2))
assert_eq(struct.calcsize("<qd"), 16)
assert_eq(base64.b64encode(b"hello"), b"aGVsbG8=")
assert_eq(base64.urlsafe_b64decode("_-8="), b"\xff\xef")
assert_eq(hashlib.sha256(b"a").hexdigest()[:12], "ca978112ca1b")
assert_eq(hashlib.md5(b"").hexdigest(), "d41d8cd98f00b204e9800998ecf8427e")
assert_eq(hashlib.sha1(b"x").hexdigest()[:8], "11f6ad8e")
assert_eq(
    str(uuid.UUID("12345678123456781234567812345678")), "12345678-1234-5678-1234-567812345678"
)
assert_eq(str(uuid.uuid5(uuid.NAMESPACE_DNS, "a.b")), "0e7af403-ee0d-594b-ab31-08b1c687f2fa")
assert_eq(uuid.UUID(int=5).hex, "00000000000000000000000000000005")


# typing
class TD(TypedDict):
    a: int
    b: NotRequired[str]


assert_eq(get_type_hints(TD), {"a": int, "b": str})
assert_eq(get_origin(Dict[str, int]), dict)
assert_eq(str(get_args(Union[int, None])), "(<class 'int'>, <class 'NoneType'>)")
assert_eq(get_args(Literal["a", 1]), ("a", 1))
assert_eq(str(Optional[int]), "typing.Optional[int]")
assert_eq(get_type_hints(f), {"b": int, "return": str})
assert_eq(TD.__total__, True)
assert_eq(TD.__required_keys__, frozenset({"a"}))
assert_eq(Annotated[int, 5].__metadata__, (5,))
assert_eq(str(get_origin(Annotated[int, 5])), "<class 'typing.Annotated'>")
assert_eq(typing.get_args(Callable[[int], str]), ([int], str))
assert_eq(is_typeddict(TD), True)
assert_eq(get_origin(list[int]), list)
assert_eq(str((int | None).__args__), "(<class 'int'>, <class 'NoneType'>)")
assert_eq(isinstance(1, int | str), True)


# ---- the modules of multiprocessing have their own names alone
import multiprocessing.context, multiprocessing.managers, multiprocessing.process, multiprocessing.queues, multiprocessing.spawn
from multiprocessing import reduction, resource_tracker, synchronize

assert_eq(
    issubclass(multiprocessing.managers.SyncManager, multiprocessing.managers.BaseManager), True
)
assert_eq(
    issubclass(multiprocessing.context.SpawnContext, multiprocessing.context.BaseContext), True
)
assert_eq(hasattr(multiprocessing.queues, "ForkingPickler"), False)
assert_eq(hasattr(resource_tracker, "BaseManager"), False)
assert_eq(hasattr(synchronize, "Barrier"), True)
assert_eq(reduction.ForkingPickler.__name__, "ForkingPickler")
assert_eq(multiprocessing.process.current_process is multiprocessing.current_process, True)
assert_eq(multiprocessing.process.BaseProcess.__module__.startswith("multiprocessing"), True)
before = multiprocessing.spawn.get_executable()
multiprocessing.spawn.set_executable("/opt/python")
assert_eq(multiprocessing.spawn.get_executable() in ("/opt/python", b"/opt/python"), True)
assert_eq(before is not None, True)
multiprocessing.spawn.set_executable(before)

finish(204)
