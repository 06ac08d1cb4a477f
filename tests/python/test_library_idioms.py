# The standard library as configuration code uses it: texts, numbers, times, digests, generators, coroutines.
import asyncio, base64, bisect, contextlib, copy, datetime, decimal, fractions, hashlib, heapq, inspect, io, json, math, operator, os, re, statistics, string, struct, sys, textwrap, types, typing, uuid, weakref
from typing import *


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


# re
print(
    re.sub(r"(?P<a>\d+)-(?P<b>\w)", r"\g<b>=\g<a>", "12-x 3-y"),
    re.findall(r"(\w)(\d)?", "a1b"),
    re.split(r"([,;])\s*", "a, b;c"),
    re.fullmatch(r"model\.layers\.(\d+)\.(?!attn).*", "model.layers.12.mlp.gate").group(1),
    bool(re.match(r"(?i)LM_head$", "lm_HEAD")),
    [m.span() for m in re.finditer(r"a+?", "aa")],
    re.compile(
        r"""
  (\d+)  # digits
  \s*[kK]""",
        re.X,
    )
    .search("12 K")
    .groups(),
    re.escape("a.b*"),
    re.sub("x", lambda m: m[0].upper(), "axb", count=1),
    re.match(r"(a)|(b)", "b").lastindex,
    re.search(r"(?<=layers\.)\d+", "layers.3").group(),
    re.subn("a", "b", "aaa"),
    re.match(r"(\w+) (?:\1)", "ab ab") is not None,
    re.compile("a|b").pattern,
    re.search(r"\bq_proj\b", "x.q_proj.w").start(),
)
# formats
print(
    "{:>8.3f}|{:<6}|{:^7}|{:+d}|{:#x}|{:08.2f}|{:,}|{:_}|{:e}|{:.2%}|{!r:>5}|{:b}|{:c}|{:g}|{:n}".format(
        3.14159, "ab", "mid", 5, 255, -2.5, 1234567, 1234567, 12345.678, 0.256, "q", 5, 65, 1e-10, 7
    ),
    "{0[a]} {1.real} {x!s:*^5} {{}}".format({"a": 1}, 2, x="y"),
    "%5.2f|%-5s|%05d|%x|%r|%%|%(a)s" % {"a": 1}
    if False
    else "%5.2f|%-5s|%05d|%x|%r|%%" % (1.5, "a", 42, 255, "z"),
    f"{3.0!r:>6}{'x':.<4}{10:{'>'}{5}}{1e16}{1e15}{0.1 + 0.2}{2**70}{-0.0}{float('inf')}",
    f"{1+1=}",
    format(1234.5, ",.1f"),
    format(True),
    format(None, ""),
    str(1e22),
    repr(1e-5),
    round(2.5),
    round(-1.55, 1),
    round(12345, -2),
    7 // -2,
    -7 % 3,
    divmod(-7.5, 2),
    (0.1).hex(),
    float.fromhex("0x1.8p1"),
    (255).to_bytes(2, "big"),
    int.from_bytes(b"\x01\x00", "little"),
    (10).bit_length(),
    int("0x1f", 16),
    int("1_000"),
    (1e3).is_integer(),
    (0.75).as_integer_ratio(),
    f"{datetime.date(2024, 2, 3):%Y/%m}",
)


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


print(
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
    ]
)
# walrus in comprehensions, generators' send and throw, coroutines
print(
    [y := 1, y**2],
    [last := x for x in range(3)],
    last,
    any((hit := n) > 3 for n in [1, 5, 9]),
    hit,
    {k: v for k, v in zip("ab", [1, 2]) if (w := v) > 1},
    w,
)


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
        print("closed", got)
    return 1


g = gen()
print(next(g), g.send("a"), g.throw(KeyError("k")), next(g))
g.close()


def sub():
    r = yield 1
    print("r", r)
    return "value"


def outer():
    v = yield from sub()
    yield v


o = outer()
print(next(o), o.send("s"))
err(lambda: next(o))
print(inspect.isgenerator(o), inspect.isgeneratorfunction(gen))


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


print(asyncio.run(main()), inspect.iscoroutinefunction(main))
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
    print([st.enter_context(cm(x)) for x in "ab"])
    st.push(lambda *a: log.append(a[0] and a[0].__name__))
with contextlib.suppress(KeyError):
    {}["x"]
buf = io.StringIO()
with contextlib.redirect_stdout(buf), contextlib.nullcontext(3) as three:
    print("hidden", end="")
print(log, buf.getvalue(), three)


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
print(
    k.me is k,
    k.kids[0] is k,
    k.kids[1] is not n.kids[1],
    copy.copy(n).kids is n.kids,
    copy.deepcopy((1, [2])),
    weakref.ref(n)() is n,
    weakref.WeakValueDictionary({1: n})[1] is n,
    len(weakref.WeakKeyDictionary({n: 1})),
)


# inspect, operator, heapq, bisect
def f(a, /, b: int = 1, *c, d, e=None, **g) -> str:
    "doc"


s = inspect.signature(f)
ba = s.bind(1, d=2)
ba.apply_defaults()
print(
    s,
    list(s.parameters),
    s.parameters["a"].kind.name,
    s.parameters["e"].default,
    ba.arguments,
    s.return_annotation,
    inspect.getdoc(f),
    inspect.getfullargspec(f).kwonlyargs,
    inspect.isclass(Pt),
    inspect.ismethod(n.__deepcopy__),
    s.replace(return_annotation=int),
    inspect.signature(Pt.__init__),
    inspect.signature(Node()._x if hasattr(n, "_x") else n.__deepcopy__),
)
err(lambda: s.bind())
print(
    operator.itemgetter(1, 0)("ab"),
    operator.attrgetter("x.real")(Pt(2, 3)),
    operator.methodcaller("upper")("a"),
    operator.index(3),
    operator.truth([]),
    operator.concat([1], [2]),
    operator.contains("abc", "b"),
    heapq.nsmallest(2, [3, 1, 2]),
    heapq.nlargest(1, "abc"),
    (h := [3, 1, 2], heapq.heapify(h), heapq.heappop(h), heapq.heappushpop(h, 0))[2:],
    list(heapq.merge([1, 4], [2, 3])),
    bisect.bisect([1, 2, 2, 3], 2),
    bisect.bisect_left([1, 2, 2, 3], 2),
    bisect.insort(z := [1, 3], 2),
    z,
)
# text, json, times, numbers, digests
print(
    string.Template("$a ${b}c $$").substitute(a=1, b=2),
    string.Template("$x").safe_substitute(),
    textwrap.dedent("  a\n    b"),
    textwrap.indent("a\nb", "> "),
    textwrap.fill("aaa bbb ccc", 7),
    textwrap.shorten("hello world foo", 12),
    string.ascii_lowercase[:3],
    string.capwords("ab cd"),
)
print(
    json.dumps({"b": [1, 2.5, None, True, "é\n"], "a": {1: (2,)}}, sort_keys=True),
    json.dumps([1, {"a": 2}], indent=2),
    json.loads('{"a": [1e3, -0.5, "\\u00e9", NaN]}'),
    json.dumps("é", ensure_ascii=False),
    json.loads("1" * 30),
    json.dumps({"x": float("inf")}),
    json.dumps([1, 2], separators=(",", ":")),
    json.loads("[1]", parse_int=str),
    json.loads('{"a": 1}', object_pairs_hook=list),
)
err(lambda: json.loads("{"))
err(lambda: json.dumps({1, 2}))
d = datetime.datetime(2024, 2, 29, 13, 5, 6)
print(
    d.isoformat(),
    d + datetime.timedelta(days=366, hours=2),
    d.strftime("%d.%m.%y %H:%M"),
    (datetime.date(2024, 3, 1) - datetime.date(2024, 2, 1)).days,
    datetime.timedelta(minutes=90),
    d.weekday(),
    datetime.datetime.fromisoformat("2024-01-02T03:04:05"),
    datetime.timedelta(seconds=5).total_seconds(),
    d.replace(year=2020).date(),
)
print(
    decimal.Decimal("1.10") + decimal.Decimal("2.2"),
    decimal.Decimal(1) / 8,
    fractions.Fraction(3, 6) + 1,
    fractions.Fraction("0.25"),
    fractions.Fraction(0.5).limit_denominator(10),
    statistics.mean([1, 2, 4]),
    statistics.median([3, 1, 2, 4]),
    statistics.pstdev([1, 3]),
    statistics.mode("aab"),
    math.prod([2, 3]),
    math.comb(5, 2),
    math.perm(5, 2),
    math.isqrt(17),
    math.gcd(12, 18, 8),
    math.lcm(4, 6),
    math.ceil(2.1),
    math.floor(-2.1),
    math.trunc(-2.9),
    math.log2(8),
    math.log(8, 2),
    math.hypot(3, 4),
    math.copysign(1, -0.0),
    math.isclose(0.1 + 0.2, 0.3),
    math.fsum([0.1] * 10),
    math.frexp(8.0),
    math.modf(2.5),
    math.degrees(math.pi),
    math.erf(0.5),
    math.gamma(5),
    math.dist((0, 0), (3, 4)),
    math.nextafter(1, 2),
    math.inf > 10**300,
    math.remainder(7, 4),
    math.cbrt(27.0),
    math.exp2(3),
)
print(
    struct.pack("<IhBxf", 1, -2, 3, 1.5),
    struct.unpack(">HH", b"\x00\x01\x00\x02"),
    struct.calcsize("<qd"),
    base64.b64encode(b"hello"),
    base64.urlsafe_b64decode("_-8="),
    hashlib.sha256(b"a").hexdigest()[:12],
    hashlib.md5(b"").hexdigest(),
    hashlib.sha1(b"x").hexdigest()[:8],
    uuid.UUID("12345678123456781234567812345678"),
    uuid.uuid5(uuid.NAMESPACE_DNS, "a.b"),
    uuid.UUID(int=5).hex,
)


# typing
class TD(TypedDict):
    a: int
    b: NotRequired[str]


print(
    get_type_hints(TD),
    get_origin(Dict[str, int]),
    get_args(Union[int, None]),
    get_args(Literal["a", 1]),
    Optional[int],
    get_type_hints(f),
    TD.__total__,
    TD.__required_keys__,
    Annotated[int, 5].__metadata__,
    get_origin(Annotated[int, 5]),
    typing.get_args(Callable[[int], str]),
    is_typeddict(TD),
    get_origin(list[int]),
    (int | None).__args__,
    isinstance(1, int | str),
)


# ---- the modules of multiprocessing have their own names alone
import multiprocessing.context, multiprocessing.managers, multiprocessing.process, multiprocessing.queues, multiprocessing.spawn
from multiprocessing import reduction, resource_tracker, synchronize

print(
    issubclass(multiprocessing.managers.SyncManager, multiprocessing.managers.BaseManager),
    issubclass(multiprocessing.context.SpawnContext, multiprocessing.context.BaseContext),
)
print(
    hasattr(multiprocessing.queues, "ForkingPickler"),
    hasattr(resource_tracker, "BaseManager"),
    hasattr(synchronize, "Barrier"),
    reduction.ForkingPickler.__name__,
)
print(
    multiprocessing.process.current_process is multiprocessing.current_process,
    multiprocessing.process.BaseProcess.__module__.startswith("multiprocessing"),
)
before = multiprocessing.spawn.get_executable()
multiprocessing.spawn.set_executable("/opt/python")
print(multiprocessing.spawn.get_executable() in ("/opt/python", b"/opt/python"), before is not None)
multiprocessing.spawn.set_executable(before)
