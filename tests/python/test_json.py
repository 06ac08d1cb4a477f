# json and small modules: string, textwrap, copy-free helpers, bisect, heapq, math-free numerics.
import json


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


print(
    json.loads('{"a": [1, 2.5, -3e2, true, false, null, "s\\u00e9\\n\\"", {}], "b": {"c": []}}'),
    json.loads(" 3 "),
    json.loads('"x"'),
    json.loads("[]"),
    json.loads("1e5"),
    json.loads("-0"),
    json.loads("123456789012345678901234567890"),
    json.loads("NaN"),
    json.loads("-Infinity"),
    json.loads('"\\ud83d\\ude00"'),
    json.loads(b'{"k": 1}'),
    json.loads('{"a":1,"a":2}'),
)
print(
    json.dumps({"a": [1, 2.5, None, True], "b": 'é"\n\t\\/', "c": {}}),
    json.dumps("é", ensure_ascii=False),
    json.dumps([1, 2], separators=(",", ":")),
    json.dumps({1: "a", None: 2, True: 3, 1.5: 4}),
    json.dumps((1, 2)),
    json.dumps(float("inf")),
    json.dumps("\x00\x1f😀"),
    json.dumps(1e100),
    json.dumps([]),
    json.dumps({}),
    json.dumps(2**70),
    json.dumps(0.1),
)
print(json.dumps({"b": 1, "a": [1, {"z": 2}], "e": [], "d": {}}, indent=2, sort_keys=True))
print(json.dumps([1, [2]], indent=0))
print(json.dumps({"a": 1}, indent="\t"))
print(
    json.dumps({"a": {1, 2}}, default=sorted), json.dumps({"a": {1: 2, (1, 2): 3}}, skipkeys=True)
)
err(json.loads, "{")
err(json.loads, "[1,]")
err(json.loads, "")
err(json.loads, '{"a" 1}')
err(json.loads, "{'a': 1}")
err(json.loads, "[1] x")
err(json.loads, "nul")
err(json.loads, '"abc')
err(json.loads, '{"a": 1,}')
err(json.loads, "[1 2]")
err(json.dumps, {1})
err(json.dumps, object)
err(json.loads, 3)
err(json.dumps, {(1,): 2})
err(json.loads, "\n\n  [1,\n x]")
err(json.loads, '"a\nb"')
err(json.loads, "01")
err(json.loads, '"\\x"')
err(json.dumps, float("nan"), allow_nan=False)
try:
    json.loads("[1, oops]")
except json.JSONDecodeError as e:
    print(e.pos, e.lineno, e.colno, e.msg, isinstance(e, ValueError))


class Enc(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, complex):
            return "cplx"
        if isinstance(o, set):
            return sorted(o)
        return super().default(o)


print(
    json.dumps({"s": {3, 1}}, cls=Enc),
    json.loads('{"a": 1}', object_hook=lambda d: list(d.items())),
    json.loads('{"b": 1, "a": 2}', object_pairs_hook=lambda p: p),
    json.loads("1.5", parse_float=str),
    json.loads("7", parse_int=float),
    Enc(indent=1).encode([1]),
)
err(json.dumps, object(), cls=Enc) if False else None
import enum


class E(str, enum.Enum):
    A = "aa"


class I(int):
    pass


class L(list):
    pass


class I2(enum.IntEnum):
    ONE = 1


print(
    json.dumps({"e": E.A, "i": I(4), "l": L([1]), E.A: 1, "n": I2.ONE}),
    json.loads(json.dumps({"x": [1, {"y": "z"}]})) == {"x": [1, {"y": "z"}]},
)
import io

f = io.StringIO()
json.dump({"k": [1]}, f, indent=1)
print(f.getvalue())
f.seek(0)
print(json.load(f))

import bisect, heapq, string, textwrap, fnmatch, difflib, base64, hashlib, struct, random, statistics, shlex

print(
    bisect.bisect([1, 2, 2, 3], 2),
    bisect.bisect_left([1, 2, 2, 3], 2),
    bisect.bisect_right([1, 3], 2),
    bisect.bisect_left([5, 3], 4, key=lambda x: -x) if False else "",
)
l = [1, 3]
bisect.insort(l, 2)
print(l)
h = [5, 1, 4]
heapq.heapify(h)
heapq.heappush(h, 0)
print(
    heapq.heappop(h),
    heapq.heappop(h),
    heapq.nlargest(2, [1, 5, 3]),
    heapq.nsmallest(2, [4, 2, 9], key=lambda x: -x),
    heapq.heappushpop(h, 3),
    heapq.heapreplace(h, 9),
    sorted(h),
    list(heapq.merge([1, 4], [2, 3])),
)
print(
    string.ascii_lowercase,
    string.digits,
    string.punctuation,
    string.Template("$a ${b}").substitute(a=1, b=2),
    string.Template("$a $z").safe_substitute(a=1),
    string.capwords("a b"),
    string.hexdigits,
)
print(
    textwrap.dedent("  a\n    b\n  c"),
    textwrap.indent("a\nb", "> "),
    textwrap.fill("the quick brown fox jumps", 10),
    textwrap.shorten("hello big world", 11),
    textwrap.wrap("aa bb cc", 5),
)
print(
    fnmatch.fnmatch("a.py", "*.py"),
    fnmatch.filter(["a.py", "b.txt"], "*.t?t"),
    fnmatch.fnmatchcase("A", "[a-z]"),
    difflib.get_close_matches("appel", ["ape", "apple", "peach"]),
    difflib.get_close_matches("xyz", ["abc"]),
    difflib.SequenceMatcher(None, "abcd", "bcde").ratio(),
)
print(
    base64.b64encode(b"hello"),
    base64.b64decode("aGVsbG8="),
    hashlib.sha256(b"abc").hexdigest(),
    hashlib.md5(b"a").hexdigest(),
    hashlib.sha1(b"a").hexdigest()[:8],
    hashlib.sha256("é".encode()).digest()[:2],
)
x = hashlib.sha256()
x.update(b"a")
x.update(b"bc")
print(x.hexdigest() == hashlib.sha256(b"abc").hexdigest())
print(
    struct.pack("<IhB", 1, -2, 3),
    struct.unpack("<IhB", b"\x01\x00\x00\x00\xfe\xff\x03"),
    struct.calcsize("<Q"),
    struct.unpack("<f", struct.pack("<f", 1.5)),
    struct.pack(">d", 2.5),
    struct.unpack(">H2s", b"\x01\x02ab"),
    struct.calcsize("<3sI"),
)
print(
    statistics.mean([1, 2, 3]),
    statistics.median([3, 1, 2]),
    shlex.split("a 'b c' d"),
    shlex.quote("a b"),
)
from fractions import Fraction

print(
    Fraction(1, 3) + Fraction(1, 6),
    Fraction("0.5"),
    Fraction(6, 4),
    float(Fraction(1, 4)),
    Fraction(3).numerator,
    Fraction(1, 2) < 0.75,
    int(Fraction(7, 2)),
    Fraction(0.25),
    Fraction(5, 2) * 2,
    repr(Fraction(1, 2)),
)
from decimal import Decimal

print(
    Decimal("1.5") + 1, int(Decimal("2")), Decimal("0.10"), Decimal("1") == 1, float(Decimal("2.5"))
)
import datetime as dt

print(
    dt.timedelta(seconds=90),
    dt.timedelta(days=1, hours=2).total_seconds(),
    dt.datetime(2024, 2, 29, 12, 30).isoformat(),
    dt.date(2024, 3, 1) - dt.date(2024, 2, 1),
    dt.datetime(2024, 1, 31, 23, 59) + dt.timedelta(minutes=2),
    dt.datetime(2024, 1, 2, 3, 4, 5).strftime("%Y-%m-%d %H:%M:%S"),
    dt.timedelta(minutes=5) < dt.timedelta(hours=1),
    dt.timezone.utc,
)
import uuid

print(uuid.uuid5(uuid.NAMESPACE_URL, "x"), uuid.UUID("12345678123456781234567812345678").hex)
from urllib.parse import urlparse, quote, unquote, urlencode, urljoin

u = urlparse("https://host:80/p/a?q=1#f")
print(
    u.scheme,
    u.netloc,
    u.path,
    u.query,
    u.fragment,
    u.hostname,
    u.port,
    quote("a b/c"),
    unquote("a%20b"),
    urlencode({"a": 1, "b": "x y"}),
    urljoin("http://a/b/c", "d"),
)
