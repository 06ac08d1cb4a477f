# String and bytes methods, slicing, comparison, unicode.
def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


s = "Hello, World"
print(
    s.upper(),
    s.lower(),
    s.swapcase(),
    s.title(),
    s.capitalize(),
    s.casefold(),
    "they're bill's".title(),
    "x1y".title(),
    "ß".upper(),
    "ß".casefold(),
)
print(
    s.find("o"),
    s.find("o", 5),
    s.rfind("o"),
    s.find("z"),
    s.index("W"),
    s.rindex("l"),
    s.count("l"),
    s.count("l", 4),
    "aaa".count("aa"),
    "abc".count(""),
    s.find(""),
    s.find("", 20),
    "abc".find("c", -1),
    "abcabc".rfind("b", 0, 4),
)
print(
    s.startswith("He"),
    s.startswith(("x", "H")),
    s.endswith("ld"),
    s.startswith("W", 7),
    s.endswith(("a", "d")),
    "".startswith(""),
    "abc".startswith("b", 1, 2),
    s.startswith(()),
)
print(
    s.replace("l", "L"),
    s.replace("l", "L", 2),
    "aaa".replace("", "-"),
    "abc".replace("b", ""),
    "aaa".replace("aa", "b"),
    "abc".replace("x", "y"),
    "ab".replace("", "-", 1),
)
print(
    "a,b,,c".split(","),
    "a,b,,c".split(",", 1),
    " a  b ".split(),
    " a  b c ".split(None, 1),
    "".split(),
    "".split(","),
    "abc".split("b"),
    "a,b,c".rsplit(",", 1),
    " a b c ".rsplit(None, 1),
    "a--b--c".split("--"),
    "  ".split(),
    "x".split("x"),
)
print(
    "a\nb\r\nc\rd\x0be".splitlines(),
    "a\nb\n".splitlines(True),
    "".splitlines(),
    "\n".splitlines(),
    "a=b=c".partition("="),
    "a=b=c".rpartition("="),
    "abc".partition("x"),
    "abc".rpartition("x"),
)
print(
    "  x ".strip(),
    "xxaxx".strip("x"),
    "abcba".lstrip("ab"),
    "abcba".rstrip("ab"),
    "\t\n x".lstrip(),
    "x\n".rstrip("\n"),
    "prefix_x".removeprefix("prefix_"),
    "x.py".removesuffix(".py"),
    "x.py".removesuffix(".js"),
    "-a-".strip("-"),
    "".strip(),
)
print(
    ",".join(["a", "b"]),
    "".join("abc"),
    "-".join(str(i) for i in range(3)),
    ", ".join({"k": 1}),
    "x".join([]),
    "x".join(["1"]),
)
print(
    "ab".center(7, "*"),
    "ab".ljust(5, "."),
    "ab".rjust(5),
    "42".zfill(5),
    "-42".zfill(5),
    "+1".zfill(4),
    "abc".zfill(2),
    "a".center(4),
    "ab".center(5),
    "abc".center(6, "-"),
)
print(
    "abc".isalpha(),
    "a1".isalnum(),
    "12".isdigit(),
    "1.2".isdigit(),
    " \t".isspace(),
    "".isspace(),
    "Ab".isupper(),
    "AB1".isupper(),
    "ab1".islower(),
    "Title Case".istitle(),
    "id_1".isidentifier(),
    "1a".isidentifier(),
    "²".isdigit(),
    "²".isdecimal(),
    "½".isnumeric(),
    "abc".isascii(),
    "é".isascii(),
    "a b".isprintable(),
    "\n".isprintable(),
    "é".isalpha(),
    "class".isidentifier(),
    "".isalpha(),
)
print(
    s[0],
    s[-1],
    s[2:5],
    s[::-1],
    s[::2],
    s[-3:],
    s[:-3],
    s[5:2],
    s[100:],
    s[-100:3],
    s[8:2:-2],
    s[:],
    s[None:None],
    "abc"[-2],
    "abc"[1:None],
)
print(
    "a" < "b",
    "a" < "B",
    "abc" < "abd",
    "" < "a",
    "é" > "z",
    "a" == "a",
    "a" != "b",
    "Z" < "a",
    "10" < "9",
    "abc" >= "abc",
    max("hello"),
    min("hello"),
    sorted("hello"),
)
print(
    "a" * 3,
    3 * "ab",
    "a" * 0,
    "a" * -1,
    "ab" + "cd",
    "b" in "abc",
    "" in "",
    "bc" in "abc",
    "x" not in "abc",
    len("abc"),
    len(""),
    len("é€😀"),
    "é€😀"[1],
    "é€😀"[::-1],
    "😀" in "é€😀",
    "é€😀".find("😀"),
    "naïve".upper(),
)
print(
    "a\tb".expandtabs(4),
    "ab\tc".expandtabs(),
    "hello".translate(str.maketrans("el", "ip")),
    "hello".translate(str.maketrans({"h": "J", "l": None})),
    "abc".translate({97: "X", 98: None}),
    str.maketrans("ab", "cd", "z"),
    "abc".encode(),
    "é".encode("utf-8"),
    "é".encode("latin-1"),
    "é".encode("ascii", "ignore"),
    "é".encode("ascii", "replace"),
    "abc".encode("ascii"),
)
print(
    ord("a"),
    chr(8364),
    chr(128512),
    ord("😀"),
    [c for c in "aé"],
    list("ab"),
    tuple("ab"),
    set("a"),
    "abc".__len__(),
    "abc".__contains__("b"),
    "abc".__getitem__(1),
    "a".__add__("b"),
    "a".__eq__("a"),
    "a".__eq__(1),
    "%s".__mod__("x"),
    "a".__mul__(2),
    hash("a") == hash("a"),
)
print(
    str(1),
    str(None),
    str([1]),
    str(b"ab", "utf-8"),
    str(),
    str("x"),
    str(object=5),
    repr("a"),
    "ab",
    str(1.50),
    bool(""),
    bool(" "),
    "a" and "b",
    "" or "dflt",
    "abc" is not None,
    str.upper("a"),
    str.join(",", ["a"]),
    list(map(str.strip, [" a ", "b "])),
    list(map(str, range(3))),
    sorted(["b", "A", "a"], key=str.lower),
    "a,b".split(",") == ["a", "b"],
)
err("abc".index, "z")
err("a".split, "")
err("abc".rindex, "q")
err("a".center, 5, "ab")
err("a".join, 5)
err("a".replace, "a")
err("a".startswith, 1)
err(lambda: "abc"[10])
err(lambda: "a" + None)
err("a".zfill, "x")
err("a".encode, "nope")
err("abc".find, 1)
err(lambda: "abc"[1.0])
err(lambda: chr(0x110000))
err(lambda: "a" * "b")
err("a".strip, 1)
err(lambda: 1 in "abc")
err(str.maketrans, "ab", "c")
b = b"Hello\x00\xff"
print(
    b,
    b[0],
    b[1:3],
    len(b),
    list(b[:2]),
    b.decode("latin-1"),
    b"a" + b"b",
    b"a" * 3,
    b"el" in b,
    72 in b,
    b.find(b"l"),
    b.startswith(b"He"),
    b.hex(),
    bytes.fromhex("ff00"),
    bytes(3),
    bytes([1, 2]),
    bytes("é", "utf-8"),
    b"a,b".split(b","),
    b",".join([b"a", b"b"]),
    b"Abc".upper(),
    b"abc".replace(b"b", b"x"),
    b" x ".strip(),
    b"a" < b"b",
    b"a" == "a",
    hash(b"a") == hash(b"a"),
    bytes(range(3)),
    b"abc"[::-1],
    b"x".ljust(3, b"."),
    b"%d" % 3 if False else "",
    b"a\nb".splitlines(),
    b"abc".count(b"b"),
    b"ab".isalpha(),
)
ba = bytearray(b"abc")
ba[0] = 120
ba.append(100)
ba += b"e"
ba.extend([102])
print(ba, bytes(ba), ba[0], len(ba), ba == b"xbcdef", ba.pop(), ba[1:3])
ba[1:3] = b"ZZZ"
del ba[0]
print(ba, ba.decode())
err(lambda: b"a" + "b")
err(lambda: bytes([300]))
err(lambda: bytes("a"))
err(lambda: b"\xff".decode("utf-8"))
err(lambda: b"\xe9".decode("ascii"))
err(lambda: b"abc"[5])
err(lambda: bytes(-1))
err(lambda: "a" in b"a")
err(lambda: b"a".join(["a"]))
print(
    b"\xff\xfeabc".decode("utf-8", "ignore"),
    b"\xffa".decode("utf-8", "replace"),
    b"abc".decode("ascii"),
    "€".encode().hex(),
)
text = """  line one
    indented
  last"""
print([ln.strip() for ln in text.split("\n")], text.count("\n"), text.splitlines()[1], len(text))
print(
    "model.layers.0.self_attn".split(".")[-1],
    "model.layers.12.mlp".rsplit(".", 2),
    ".".join(["a", "b"]),
    "_".join(str(x) for x in (1, 2)),
    "CamelCaseName"[5:],
    "layers.3.".rstrip("."),
    "a.b.c".rpartition(".")[0],
    "a/b/c".split("/", 1)[1],
    "x=1;y=2".split(";"),
    "%s.%s" % ("a", "b"),
    "key".ljust(6) + "|",
    "W" + "8" * 2,
    "fp8_e4m3".startswith("fp8"),
    "A_B".lower().replace("_", "-"),
)
