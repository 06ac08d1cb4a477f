# re: search, match, groups, substitution, split, flags, lookaround.
import re


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


m = re.match(r"(\w+)\.(\d+)", "layers.12.mlp")
print(
    m.group(),
    m.group(1),
    m.group(1, 2),
    m.groups(),
    m.span(),
    m.start(2),
    m.end(),
    m[2],
    m.string,
    m.re.pattern,
    bool(m),
    m.pos,
    m.endpos,
    m.lastindex,
)
print(
    re.match("x", "abc"),
    re.search("c", "abc").span(),
    re.fullmatch(r"\d+", "123") is not None,
    re.fullmatch(r"\d+", "123a"),
    re.search(r"^b", "a\nb", re.M).start(),
    re.search("A", "xa", re.I).group(),
    re.findall(r"\d+", "a1b22c333"),
    re.findall(r"(\w)(\d)", "a1 b2"),
    re.findall(r"(\w)\d", "a1 b2"),
    [x.group() for x in re.finditer(r"[aeiou]", "education")],
)
m = re.search(r"(?P<name>[a-z]+)_(?P<num>\d+)?", "foo_ bar")
print(
    m.group("name"),
    m["num"],
    m.groupdict(),
    m.groupdict("dflt"),
    m.groups("z"),
    m.lastgroup,
    m.expand(r"<\1>"),
    m.re.groupindex["num"],
    m.re.groups,
)
print(
    re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"),
    re.sub("a", "b", "aaa", count=2),
    re.sub(r"\d", lambda m: str(int(m.group()) * 2), "a1b2"),
    re.sub(r"(?P<x>\d)", r"<\g<x>\g<0>>", "1"),
    re.subn("a", "b", "banana"),
    re.sub("", "-", "abc"),
    re.sub(r"\s+", " ", " a  b\n c "),
    re.sub(r"^model\.", "", "model.layers"),
    re.sub("x*", "-", "abxd"),
    re.sub(r"\.", "\\\\", "a.b"),
    re.sub("b", r"\n", "abc"),
)
print(
    re.split(r"[,;]\s*", "a, b;c"),
    re.split(r"(-)", "a-b-c"),
    re.split("x", "abc"),
    re.split(r",", "a,b,c", maxsplit=1),
    re.split(r"\W+", "a b, c!"),
    re.split("", "ab"),
)
p = re.compile(r"layers\.(\d+)\.(mlp|attn)", re.IGNORECASE)
print(
    p.match("Layers.3.MLP").groups(),
    p.search("x layers.4.attn", 2).group(1),
    p.pattern,
    p.flags,
    p.findall("layers.1.mlp layers.2.attn"),
    p.sub("L", "layers.1.mlp!"),
    p.fullmatch("layers.1.mlp") is not None,
    p.split("a layers.1.mlp b"),
    repr(re.compile("a")),
    p == re.compile(r"layers\.(\d+)\.(mlp|attn)", re.IGNORECASE),
    isinstance(p, re.Pattern),
    isinstance(p.match("layers.1.mlp"), re.Match),
)
print(
    re.findall(r"(?<=a)b", "ab cb"),
    re.findall(r"(?<!a)b", "ab cb"),
    re.findall(r"a(?=b)", "ab ac"),
    re.findall(r"a(?!b)\w", "ab ac"),
    re.findall(r"(?:ab)+", "ababab"),
    re.findall(r"a{2,3}", "aaaa a aa"),
    re.findall(r"a+?", "aaa"),
    re.findall(r".*?b", "aab ab"),
    re.findall(r"\bfoo\b", "foo food foo"),
    re.findall(r"(a|b)+", "abab"),
    re.findall(r"[^a-c]", "abcd"),
    re.findall(r"(\w)\1", "aabbc"),
    re.findall(r"\$\{(\w+)\}", "${a} ${b}"),
    re.findall(r"[\w.-]+@[\w.]+", "x.y@z.com"),
    re.findall("(?i)ABC", "abc"),
    re.findall(r"(?s)a.b", "a\nb"),
    re.findall(r"a.b", "a\nb"),
    re.findall("(?m)^x$", "x\ny\nx"),
    re.findall(r"(?x) a  b # comment", "ab"),
    re.findall(r"é+", "éé"),
    re.findall(r"\d", "1२"),
    re.findall(r"[0-9a-fA-F]+", "xFFg"),
    re.findall(r"\w+", "naïve"),
    re.findall(r"\A\w|\w\Z", "abc"),
)
print(
    re.escape("a.b*c[d]"),
    re.escape("a-b_c d/e"),
    re.match(r"(a)?(b)?", "b").groups(),
    re.match(r"(?P<a>.)(?P=a)", "xx").group(),
    re.search(r"\d+$", "abc123").group(),
    re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", "1.2").groups(),
    re.match(r"^(.*?)(?:_v(\d+))?$", "model_v2").groups(),
    re.search("(?:^|,)b", "a,b").span(),
    re.search("€(.)", "a€x").span(1),
    re.search(r"x|", "abc").span(),
    re.match("a", "ba", re.M),
    re.compile("b").match("ab", 1).span(),
    re.compile("^b").match("ab", 1),
    [m.span() for m in re.finditer("a|", "ba")],
)
err(re.compile, "(")
err(re.compile, "a)")
err(re.compile, "*a")
err(re.compile, "[a")
err(lambda: re.match("a", "a").group(1))
err(lambda: re.match("a", "a").group("x"))
err(re.match, "a", 3)
print(
    issubclass(re.error, Exception),
    re.I | re.M,
    re.IGNORECASE == re.I,
    re.I.value,
    re.DOTALL is re.S,
)
pat = re.compile(r"\.(?P<proj>q|k|v)_proj\.(weight|bias)$")
for s in ["a.q_proj.weight", "a.k_proj.bias", "a.o_proj.weight"]:
    m = pat.search(s)
    print(m and m.groups(), pat.sub(".qkv_proj.\\2", s), m is None)
print(
    re.match(r"TORCH_(\d+)_(\d+)(?:_(\w+))?", "TORCH_2_9_cu128").groups(),
    re.search(r"(\d+)[bB]\b", "Llama-70B-Instruct").group(1),
    re.findall(r"[A-Z][a-z]*", "LlamaForCausalLM"),
    re.sub(r"(?<!^)(?=[A-Z])", "_", "CamelCaseName").lower(),
    re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", "getHTTPResponse2Name"),
    re.match(r"^(?!.*vision).*\.mlp", "a.mlp") is not None,
    re.match(r"re:(.*)", "re:.*lm_head").group(1),
)
