# json and small modules: string, textwrap, copy-free helpers, bisect, heapq, math-free numerics.
from checks import assert_eq, assert_raises, finish, note_result
import json


assert_eq(
    json.loads('{"a": [1, 2.5, -3e2, true, false, null, "s\\u00e9\\n\\"", {}], "b": {"c": []}}'),
    {"a": [1, 2.5, -300.0, True, False, None, 'sé\n"', {}], "b": {"c": []}},
)
assert_eq(json.loads(" 3 "), 3)
assert_eq(json.loads('"x"'), "x")
assert_eq(json.loads("[]"), [])
assert_eq(json.loads("1e5"), 100000.0)
assert_eq(json.loads("-0"), 0)
assert_eq(json.loads("123456789012345678901234567890"), 123456789012345678901234567890)
assert_eq(str(json.loads("NaN")), "nan")
assert_eq(str(json.loads("-Infinity")), "-inf")
assert_eq(json.loads('"\\ud83d\\ude00"'), "😀")
assert_eq(json.loads(b'{"k": 1}'), {"k": 1})
assert_eq(json.loads('{"a":1,"a":2}'), {"a": 2})
assert_eq(
    json.dumps({"a": [1, 2.5, None, True], "b": 'é"\n\t\\/', "c": {}}),
    '{"a": [1, 2.5, null, true], "b": "\\u00e9\\"\\n\\t\\\\/", "c": {}}',
)
assert_eq(json.dumps("é", ensure_ascii=False), '"é"')
assert_eq(json.dumps([1, 2], separators=(",", ":")), "[1,2]")
assert_eq(json.dumps({1: "a", None: 2, True: 3, 1.5: 4}), '{"1": 3, "null": 2, "1.5": 4}')
assert_eq(json.dumps((1, 2)), "[1, 2]")
assert_eq(json.dumps(float("inf")), "Infinity")
assert_eq(json.dumps("\x00\x1f😀"), '"\\u0000\\u001f\\ud83d\\ude00"')
assert_eq(json.dumps(1e100), "1e+100")
assert_eq(json.dumps([]), "[]")
assert_eq(json.dumps({}), "{}")
assert_eq(json.dumps(2**70), "1180591620717411303424")
assert_eq(json.dumps(0.1), "0.1")
assert_eq(
    json.dumps({"b": 1, "a": [1, {"z": 2}], "e": [], "d": {}}, indent=2, sort_keys=True),
    '{\n  "a": [\n    1,\n    {\n      "z": 2\n    }\n  ],\n  "b": 1,\n  "d": {},\n  "e": []\n}',
)
assert_eq(json.dumps([1, [2]], indent=0), "[\n1,\n[\n2\n]\n]")
assert_eq(json.dumps({"a": 1}, indent="\t"), '{\n\t"a": 1\n}')
assert_eq(json.dumps({"a": {1, 2}}, default=sorted), '{"a": [1, 2]}')
assert_eq(json.dumps({"a": {1: 2, (1, 2): 3}}, skipkeys=True), '{"a": {"1": 2}}')
assert_raises(
    "JSONDecodeError",
    "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    json.loads,
    "{",
)
assert_raises("JSONDecodeError", "Expecting value: line 1 column 4 (char 3)", json.loads, "[1,]")
assert_raises("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", json.loads, "")
assert_raises(
    "JSONDecodeError", "Expecting ':' delimiter: line 1 column 6 (char 5)", json.loads, '{"a" 1}'
)
assert_raises(
    "JSONDecodeError",
    "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    json.loads,
    "{'a': 1}",
)
assert_raises("JSONDecodeError", "Extra data: line 1 column 5 (char 4)", json.loads, "[1] x")
assert_raises("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", json.loads, "nul")
assert_raises(
    "JSONDecodeError",
    "Unterminated string starting at: line 1 column 1 (char 0)",
    json.loads,
    '"abc',
)
assert_raises(
    "JSONDecodeError",
    "Expecting property name enclosed in double quotes: line 1 column 9 (char 8)",
    json.loads,
    '{"a": 1,}',
)
assert_raises(
    "JSONDecodeError", "Expecting ',' delimiter: line 1 column 4 (char 3)", json.loads, "[1 2]"
)
assert_raises(TypeError, "Object of type set is not JSON serializable", json.dumps, {1})
assert_raises(TypeError, "Object of type type is not JSON serializable", json.dumps, object)
assert_raises(TypeError, "the JSON object must be str, bytes or bytearray, not int", json.loads, 3)
assert_raises(
    TypeError, "keys must be str, int, float, bool or None, not tuple", json.dumps, {(1,): 2}
)
assert_raises(
    "JSONDecodeError", "Expecting value: line 4 column 2 (char 9)", json.loads, "\n\n  [1,\n x]"
)
assert_raises(
    "JSONDecodeError",
    "Invalid control character at: line 1 column 3 (char 2)",
    json.loads,
    '"a\nb"',
)
assert_raises("JSONDecodeError", "Extra data: line 1 column 2 (char 1)", json.loads, "01")
assert_raises("JSONDecodeError", "Invalid \\escape: line 1 column 2 (char 1)", json.loads, '"\\x"')
assert_raises(
    ValueError,
    "Out of range float values are not JSON compliant",
    json.dumps,
    float("nan"),
    allow_nan=False,
)
try:
    json.loads("[1, oops]")
except json.JSONDecodeError as e:
    assert_eq(e.pos, 4)
    assert_eq(e.lineno, 1)
    assert_eq(e.colno, 5)
    assert_eq(e.msg, "Expecting value")
    assert_eq(isinstance(e, ValueError), True)


class Enc(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, complex):
            return "cplx"
        if isinstance(o, set):
            return sorted(o)
        return super().default(o)


assert_eq(json.dumps({"s": {3, 1}}, cls=Enc), '{"s": [1, 3]}')
assert_eq(json.loads('{"a": 1}', object_hook=lambda d: list(d.items())), [("a", 1)])
assert_eq(json.loads('{"b": 1, "a": 2}', object_pairs_hook=lambda p: p), [("b", 1), ("a", 2)])
assert_eq(json.loads("1.5", parse_float=str), "1.5")
assert_eq(json.loads("7", parse_int=float), 7.0)
assert_eq(Enc(indent=1).encode([1]), "[\n 1\n]")
note_result(json.dumps, object(), cls=Enc) if False else None
import enum


class E(str, enum.Enum):
    A = "aa"


class I(int):
    pass


class L(list):
    pass


class I2(enum.IntEnum):
    ONE = 1


assert_eq(
    json.dumps({"e": E.A, "i": I(4), "l": L([1]), E.A: 1, "n": I2.ONE}),
    '{"e": "aa", "i": 4, "l": [1], "aa": 1, "n": 1}',
)
assert_eq(json.loads(json.dumps({"x": [1, {"y": "z"}]})) == {"x": [1, {"y": "z"}]}, True)
import io

f = io.StringIO()
json.dump({"k": [1]}, f, indent=1)
assert_eq(f.getvalue(), '{\n "k": [\n  1\n ]\n}')
f.seek(0)
assert_eq(json.load(f), {"k": [1]})

import bisect, heapq, string, textwrap, fnmatch, difflib, base64, hashlib, struct, random, statistics, shlex

assert_eq(bisect.bisect([1, 2, 2, 3], 2), 3)
assert_eq(bisect.bisect_left([1, 2, 2, 3], 2), 1)
assert_eq(bisect.bisect_right([1, 3], 2), 1)
assert_eq(bisect.bisect_left([5, 3], 4, key=lambda x: -x) if False else "", "")
l = [1, 3]
bisect.insort(l, 2)
assert_eq(l, [1, 2, 3])
h = [5, 1, 4]
heapq.heapify(h)
heapq.heappush(h, 0)
assert_eq(heapq.heappop(h), 0)
assert_eq(heapq.heappop(h), 1)
assert_eq(heapq.nlargest(2, [1, 5, 3]), [5, 3])
assert_eq(heapq.nsmallest(2, [4, 2, 9], key=lambda x: -x), [9, 4])
assert_eq(heapq.heappushpop(h, 3), 3)
assert_eq(heapq.heapreplace(h, 9), 4)
assert_eq(sorted(h), [5, 9])
assert_eq(list(heapq.merge([1, 4], [2, 3])), [1, 2, 3, 4])
assert_eq(string.ascii_lowercase, "abcdefghijklmnopqrstuvwxyz")
assert_eq(string.digits, "0123456789")
assert_eq(string.punctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
assert_eq(string.Template("$a ${b}").substitute(a=1, b=2), "1 2")
assert_eq(string.Template("$a $z").safe_substitute(a=1), "1 $z")
assert_eq(string.capwords("a b"), "A B")
assert_eq(string.hexdigits, "0123456789abcdefABCDEF")
assert_eq(textwrap.dedent("  a\n    b\n  c"), "a\n  b\nc")
assert_eq(textwrap.indent("a\nb", "> "), "> a\n> b")
assert_eq(textwrap.fill("the quick brown fox jumps", 10), "the quick\nbrown fox\njumps")
assert_eq(textwrap.shorten("hello big world", 11), "hello [...]")
assert_eq(textwrap.wrap("aa bb cc", 5), ["aa bb", "cc"])
assert_eq(fnmatch.fnmatch("a.py", "*.py"), True)
assert_eq(fnmatch.filter(["a.py", "b.txt"], "*.t?t"), ["b.txt"])
assert_eq(fnmatch.fnmatchcase("A", "[a-z]"), False)
assert_eq(difflib.get_close_matches("appel", ["ape", "apple", "peach"]), ["apple", "ape"])
assert_eq(difflib.get_close_matches("xyz", ["abc"]), [])
assert_eq(difflib.SequenceMatcher(None, "abcd", "bcde").ratio(), 0.75)
assert_eq(base64.b64encode(b"hello"), b"aGVsbG8=")
assert_eq(base64.b64decode("aGVsbG8="), b"hello")
assert_eq(
    hashlib.sha256(b"abc").hexdigest(),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
)
assert_eq(hashlib.md5(b"a").hexdigest(), "0cc175b9c0f1b6a831c399e269772661")
assert_eq(hashlib.sha1(b"a").hexdigest()[:8], "86f7e437")
assert_eq(hashlib.sha256("é".encode()).digest()[:2], b"J\x99")
x = hashlib.sha256()
x.update(b"a")
x.update(b"bc")
assert_eq(x.hexdigest() == hashlib.sha256(b"abc").hexdigest(), True)
assert_eq(struct.pack("<IhB", 1, -2, 3), b"\x01\x00\x00\x00\xfe\xff\x03")
assert_eq(struct.unpack("<IhB", b"\x01\x00\x00\x00\xfe\xff\x03"), (1, -2, 3))
assert_eq(struct.calcsize("<Q"), 8)
assert_eq(struct.unpack("<f", struct.pack("<f", 1.5)), (1.5,))
assert_eq(struct.pack(">d", 2.5), b"@\x04\x00\x00\x00\x00\x00\x00")
assert_eq(struct.unpack(">H2s", b"\x01\x02ab"), (258, b"ab"))
assert_eq(struct.calcsize("<3sI"), 7)
assert_eq(statistics.mean([1, 2, 3]), 2)
assert_eq(statistics.median([3, 1, 2]), 2)
assert_eq(shlex.split("a 'b c' d"), ["a", "b c", "d"])
assert_eq(shlex.quote("a b"), "'a b'")
from fractions import Fraction

assert_eq(str(Fraction(1, 3) + Fraction(1, 6)), "1/2")
assert_eq(str(Fraction("0.5")), "1/2")
assert_eq(str(Fraction(6, 4)), "3/2")
assert_eq(float(Fraction(1, 4)), 0.25)
assert_eq(Fraction(3).numerator, 3)
assert_eq(Fraction(1, 2) < 0.75, True)
assert_eq(int(Fraction(7, 2)), 3)
assert_eq(str(Fraction(0.25)), "1/4")
assert_eq(str(Fraction(5, 2) * 2), "5")
assert_eq(repr(Fraction(1, 2)), "Fraction(1, 2)")
from decimal import Decimal

assert_eq(str(Decimal("1.5") + 1), "2.5")
assert_eq(int(Decimal("2")), 2)
assert_eq(str(Decimal("0.10")), "0.10")
assert_eq(Decimal("1") == 1, True)
assert_eq(float(Decimal("2.5")), 2.5)
import datetime as dt

assert_eq(str(dt.timedelta(seconds=90)), "0:01:30")
assert_eq(dt.timedelta(days=1, hours=2).total_seconds(), 93600.0)
assert_eq(dt.datetime(2024, 2, 29, 12, 30).isoformat(), "2024-02-29T12:30:00")
assert_eq(str(dt.date(2024, 3, 1) - dt.date(2024, 2, 1)), "29 days, 0:00:00")
assert_eq(str(dt.datetime(2024, 1, 31, 23, 59) + dt.timedelta(minutes=2)), "2024-02-01 00:01:00")
assert_eq(dt.datetime(2024, 1, 2, 3, 4, 5).strftime("%Y-%m-%d %H:%M:%S"), "2024-01-02 03:04:05")
assert_eq(dt.timedelta(minutes=5) < dt.timedelta(hours=1), True)
assert_eq(str(dt.timezone.utc), "UTC")
import uuid

assert_eq(str(uuid.uuid5(uuid.NAMESPACE_URL, "x")), "4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4")
assert_eq(uuid.UUID("12345678123456781234567812345678").hex, "12345678123456781234567812345678")
from urllib.parse import urlparse, quote, unquote, urlencode, urljoin

u = urlparse("https://host:80/p/a?q=1#f")
assert_eq(u.scheme, "https")
assert_eq(u.netloc, "host:80")
assert_eq(u.path, "/p/a")
assert_eq(u.query, "q=1")
assert_eq(u.fragment, "f")
assert_eq(u.hostname, "host")
assert_eq(u.port, 80)
assert_eq(quote("a b/c"), "a%20b/c")
assert_eq(unquote("a%20b"), "a b")
assert_eq(urlencode({"a": 1, "b": "x y"}), "a=1&b=x+y")
assert_eq(urljoin("http://a/b/c", "d"), "http://a/b/d")

finish(148)
