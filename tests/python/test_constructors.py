# What constructors of a serving engine lean on: modules of modules, hooks, mixins, registries, contexts.
from checks import assert_eq, assert_noted, assert_raises, finish, note
import contextlib, logging, os, threading, weakref, math, itertools, functools, collections, copy, json, re, time, random, abc, warnings, argparse, string, textwrap, operator, heapq, bisect, uuid, platform, socket, tempfile, pathlib, traceback, signal, queue, concurrent.futures, asyncio, io, types
from collections import OrderedDict, defaultdict, deque, namedtuple, Counter, ChainMap, UserDict
from contextlib import contextmanager, nullcontext, suppress, ExitStack, closing, redirect_stdout


class Parameter:
    def __init__(self, v):
        self.v = v

    def __repr__(self):
        return f"P({self.v})"


class Module:
    _version = 1

    def __init__(self):
        object.__setattr__(self, "_parameters", {})
        object.__setattr__(self, "_modules", {})
        object.__setattr__(self, "_buffers", {})
        super().__init__()

    def __setattr__(self, n, v):
        if isinstance(v, Parameter):
            if "_parameters" not in self.__dict__:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self.__dict__.pop(n, None)
            self._parameters[n] = v
        elif isinstance(v, Module):
            self._modules[n] = v
        else:
            object.__setattr__(self, n, v)

    def __getattr__(self, n):
        for d in ("_parameters", "_modules", "_buffers"):
            if d in self.__dict__ and n in self.__dict__[d]:
                return self.__dict__[d][n]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{n}'")

    def __delattr__(self, n):
        if n in self._parameters:
            del self._parameters[n]
        else:
            super().__delattr__(n)

    def named_modules(self, memo=None, prefix=""):
        memo = set() if memo is None else memo
        if self not in memo:
            memo.add(self)
            yield prefix, self
            for n, m in self._modules.items():
                if m is None:
                    continue
                yield from m.named_modules(memo, prefix + ("." if prefix else "") + n)

    def named_parameters(self):
        for p, m in self.named_modules():
            for n, v in m._parameters.items():
                yield (p + "." if p else "") + n, v

    def __call__(self, *a, **k):
        return self.forward(*a, **k)

    def apply(self, fn):
        for m in self._modules.values():
            m.apply(fn)
        fn(self)
        return self

    def __dir__(self):
        return sorted(set(list(self.__dict__) + list(self._parameters) + list(self._modules)))


class ModuleList(Module):
    def __init__(self, it=()):
        super().__init__()
        self.extend(it)

    def extend(self, it):
        for i, m in enumerate(it):
            self._modules[str(len(self._modules))] = m

    def __iter__(self):
        return iter(self._modules.values())

    def __len__(self):
        return len(self._modules)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return type(self)(list(self._modules.values())[i])
        return list(self._modules.values())[i]


class Mixin:
    def __init__(self, *a, **k):
        self.mixed = True
        super().__init__(*a, **k)


class Linear(Module):
    def __init__(self, i, o, bias=True, prefix=""):
        super().__init__()
        self.i, self.o, self.prefix = i, o, prefix
        self.weight = Parameter((o, i))
        if bias:
            self.bias = Parameter((o,))
        else:
            self.register("bias", None)

    def register(self, n, v):
        self._parameters[n] = v


class Layer(Mixin, Module):
    def __init__(self, cfg, idx):
        super().__init__()
        self.q = Linear(cfg.h, cfg.h // cfg.tp, bias=idx % 2 == 0, prefix=f"layers.{idx}.q")
        self.idx = idx

    @property
    def broken(self):
        return self.no_such

    def forward(self, x):
        return x + self.idx


class Model(Module):
    def __init__(self, cfg, n, *, prefix="m"):
        super().__init__()
        self.cfg = cfg
        self.layers = ModuleList([Layer(cfg, i) for i in range(n)])

    def forward(self, x):
        for l in self.layers:
            x = l(x)
        return x


cfg = types.SimpleNamespace(h=64, tp=4)
m = Model(cfg, 3)
assert_eq(
    [n for n, _ in m.named_modules()],
    ["", "layers", "layers.0", "layers.0.q", "layers.1", "layers.1.q", "layers.2", "layers.2.q"],
)
assert_eq(
    str(dict(m.named_parameters())),
    "{'layers.0.q.weight': P((16, 64)), 'layers.0.q.bias': P((16,)), 'layers.1.q.weight': P((16, 64)), 'layers.1.q.bias': None, 'layers.2.q.weight': P((16, 64)), 'layers.2.q.bias': P((16,))}",
)
assert_eq(m(1), 4)
assert_eq(len(m.layers[1:]), 2)
assert_eq(m.layers[-1].idx, 2)
assert_eq(m.layers[0].mixed, True)
assert_eq(hasattr(m, "nope"), False)
assert_eq(m.layers[0].q.weight.v, (16, 64))
assert_eq(
    dir(m.layers[0].q),
    ["_buffers", "_modules", "_parameters", "bias", "i", "o", "prefix", "weight"],
)
assert_raises(AttributeError, "'Model' object has no attribute 'nope'", lambda: m.nope)
assert_raises(
    AttributeError, "'Layer' object has no attribute 'broken'", lambda: m.layers[0].broken
)
assert_raises(IndexError, "list index out of range", lambda: m.layers[9])
del m.layers[0].q.weight
assert_eq(hasattr(m.layers[0].q, "weight"), False)
seen = []
m.apply(lambda x: seen.append(type(x).__name__))
assert_eq(str(Counter(seen)), "Counter({'Linear': 3, 'Layer': 3, 'ModuleList': 1, 'Model': 1})")


class NoInit(Module):
    def __init__(self):
        self.p = Parameter(1)


assert_raises(AttributeError, "cannot assign parameters before Module.__init__() call", NoInit)


@contextmanager
def ctx(v):
    global CUR
    old, CUR = CUR, v
    try:
        yield v
    except KeyError as e:
        note("swallow", e)
    finally:
        CUR = old


CUR = 0
with ctx(3) as a, ctx(a + 1) as b:
    assert_eq(CUR, 4)
    assert_eq(a, 3)
    assert_eq(b, 4)
assert_eq(CUR, 0)
with ctx(1):
    raise KeyError("k")
assert_noted(("swallow", "'k'"))


def boom():
    with ctx(1):
        raise ValueError("v")


assert_raises(ValueError, "v", boom)
assert_eq(CUR, 0)
with ExitStack() as st:
    st.enter_context(ctx(5))
    st.callback(note, "cb", CUR)
    st.push(lambda *e: note("exit", e[0]))
    assert_eq(CUR, 5)
assert_noted(
    ("exit", "None"),
    ("cb", "5"),
)
with suppress(ZeroDivisionError), nullcontext(7) as n7:
    assert_eq(n7, 7)
    1 / 0


@ctx(9)
def decorated():
    return CUR


assert_eq(decorated(), 9)
assert_eq(CUR, 0)
buf = io.StringIO()
with redirect_stdout(buf):
    note("captured")
assert_noted(("captured",))
assert_eq(repr(buf.getvalue()), "''")


def gen(n):
    try:
        for i in range(n):
            r = yield i
            if r:
                note("got", r)
    except GeneratorExit:
        note("closed")
        raise
    finally:
        note("fin")
    return "ret"


g = gen(5)
assert_eq(next(g), 0)
assert_eq(g.send("hi"), 1)
assert_noted(("got", "hi"))
g.close()
assert_noted(
    ("closed",),
    ("fin",),
)
assert_raises(StopIteration, "", next, g)


def deleg():
    r = yield from gen(1)
    note("r", r)
    return (yield "last")


assert_eq(list(deleg()), [0, "last"])
assert_noted(
    ("fin",),
    ("r", "ret"),
)
g = gen(2)
next(g)
assert_raises(ValueError, "t", g.throw, ValueError("t"))
assert_noted(("fin",))


class Registry(dict):
    def register(self, name=None, **meta):
        def d(c):
            self[name or c.__name__.lower()] = (c, meta)
            return c

        return d

    def __missing__(self, k):
        raise KeyError(f"unknown {k}; have {sorted(self)}")


R = Registry()


@R.register()
class Foo:
    pass


@R.register("b", prio=1)
class Bar(Foo):
    pass


assert_eq(R["foo"][0].__name__, "Foo")
assert_eq(R["b"][1], {"prio": 1})
assert_raises(KeyError, "\"unknown z; have ['b', 'foo']\"", lambda: R["z"])
dd = defaultdict(lambda: defaultdict(int))
dd["a"]["x"] += 1
dq = deque([1, 2, 3], maxlen=3)
dq.append(4)
dq.appendleft(0)
od = OrderedDict(a=1, b=2)
od.move_to_end("a")
cm = ChainMap({"a": 1}, {"b": 2, "a": 3})
assert_eq(str(dict(dd)), "{'a': defaultdict(<class 'int'>, {'x': 1})}")
assert_eq(str(dq), "deque([0, 2, 3], maxlen=3)")
assert_eq(str(od), "OrderedDict([('b', 2), ('a', 1)])")
assert_eq(list(cm.items()), [("b", 2), ("a", 1)])
assert_eq(cm["b"], 2)
assert_eq(Counter("abca").most_common(1), [("a", 2)])
assert_eq(str(namedtuple("NT", "a b", defaults=[5])(1)), "NT(a=1, b=5)")
assert_eq(dict(od.items() & {("b", 2)}), {"b": 2})
assert_eq([*itertools.chain([1], [2, 3])], [1, 2, 3])
assert_eq(list(itertools.product("ab", [1, 2])), [("a", 1), ("a", 2), ("b", 1), ("b", 2)])
assert_eq(list(itertools.accumulate([1, 2, 3])), [1, 3, 6])
assert_eq(list(itertools.islice(itertools.count(5), 3)), [5, 6, 7])
assert_eq(
    [(k, list(v)) for k, v in itertools.groupby("aabb")], [("a", ["a", "a"]), ("b", ["b", "b"])]
)
assert_eq(list(itertools.zip_longest([1], [2, 3])), [(1, 2), (None, 3)])
assert_eq(list(itertools.combinations([1, 2, 3], 2)), [(1, 2), (1, 3), (2, 3)])
assert_eq(list(itertools.pairwise([1, 2, 3])), [(1, 2), (2, 3)])
assert_eq(list(itertools.starmap(pow, [(2, 3)])), [8])
assert_eq(list(itertools.takewhile(lambda x: x < 2, [1, 2, 1])), [1])
os.environ["KX"] = "1"
assert_eq(os.environ.get("KX"), "1")
assert_eq(os.getenv("NOPE", "d"), "d")
assert_eq(os.environ.get("KX", "0").lower() in ("1", "true"), True)
assert_eq("KX" in os.environ, True)
assert_eq(os.path.join("a", "b"), "a/b")
assert_eq(os.path.basename("/x/y.z"), "y.z")
assert_eq(os.path.splitext("a.tar.gz"), ("a.tar", ".gz"))
assert_eq(os.path.exists("/no/way"), False)
assert_eq(os.cpu_count() is None or os.cpu_count() > 0, True)
log = logging.getLogger("x.y")
log.setLevel(logging.INFO)
assert_eq(log.name, "x.y")
assert_eq(log.isEnabledFor(10), False)
assert_eq(log.getEffectiveLevel(), 20)
assert_eq(logging.getLevelName(30), "WARNING")
assert_eq(log.parent.name, "root")
assert_eq(logging.getLogger("x.y") is log, True)
p = argparse.ArgumentParser()
p.add_argument("--tp", "--tensor-parallel", type=int, default=1, dest="tp")
p.add_argument("--flag", action="store_true")
p.add_argument("--c", choices=["a", "b"])
p.add_argument("--l", nargs="*", type=float)
assert_eq(
    str(p.parse_args(["--tp", "4", "--flag", "--l", "1", "2.5"])),
    "Namespace(tp=4, flag=True, c=None, l=[1.0, 2.5])",
)
assert_eq(vars(p.parse_args([])), {"tp": 1, "flag": False, "c": None, "l": None})
lock = threading.Lock()
with lock:
    assert_eq(lock.locked(), True)
loc = threading.local()
loc.x = 1
assert_eq(loc.x, 1)
assert_eq(threading.current_thread().name, "MainThread")


class Once:
    _i = None

    def __new__(cls, *a):
        if cls._i is None:
            cls._i = super().__new__(cls)
        return cls._i


assert_eq(Once() is Once(), True)
assert_eq(re.sub(r"(\w+)\.(\d+)", r"\2-\1", "layer.12"), "12-layer")
assert_eq(re.match(r"model\.layers\.(?P<i>\d+)\.", "model.layers.7.q")["i"], "7")
assert_eq(re.findall(r"\d+", "a1b22"), ["1", "22"])
assert_eq(
    json.dumps({"a": [1, None, True, 1.5]}, sort_keys=True, indent=None),
    '{"a": [1, null, true, 1.5]}',
)
assert_eq(json.loads('{"a": {"b": [1, 2.0]}}'), {"a": {"b": [1, 2.0]}})
assert_eq(math.ceil(7 / 2), 4)
assert_eq(-(-7 // 2), 4)
assert_eq(1 << 4, 16)
assert_eq(textwrap.dedent("  a\n  b"), "a\nb")
assert_eq(string.Template("$x").substitute(x=1), "1")
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    warnings.warn("careful", DeprecationWarning)
    assert_eq(len(w), 1)
    assert_eq(w[0].category.__name__, "DeprecationWarning")


async def aw(x):
    await asyncio.sleep(0)
    return x * 2


async def amain():
    return await asyncio.gather(aw(1), aw(2))


assert_eq(asyncio.run(amain()), [2, 4])
with concurrent.futures.ThreadPoolExecutor(2) as ex:
    assert_eq(list(ex.map(lambda x: x + 1, [1, 2])), [2, 3])
    assert_eq(ex.submit(pow, 2, 3).result(), 8)
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise RuntimeError("wrapped") from e
except RuntimeError as e:
    assert_eq(repr(e.__cause__), "ZeroDivisionError('division by zero')")
    assert_eq(e.__context__ is e.__cause__, True)
    assert_eq(traceback.format_exception_only(type(e), e), ["RuntimeError: wrapped\n"])
assert_eq(getattr(m, "missing", "dflt"), "dflt")
assert_eq(isinstance(m, (Layer, Model)), True)
assert_eq([c.__name__ for c in Layer.__mro__], ["Layer", "Mixin", "Module", "object"])
assert_eq(vars(cfg), {"h": 64, "tp": 4})
assert_eq(copy.deepcopy(cfg).h, 64)
assert_eq(copy.copy(m.layers[0]).idx, 0)
assert_eq(callable(m), True)
assert_eq(bool(m.layers), True)
assert_eq(type(m).__qualname__, "Model")
assert_eq(m.layers.__class__.__module__, "__main__")
match cfg:
    case types.SimpleNamespace(h=64, tp=t) if t > 2:
        # matched
        assert_eq(t, 4)
assert_eq(
    f"{3.14159:.2f} {1234567:,} {'x':>5}|{'y':<5}| {255:#x} {cfg.h!r:^6}| {m.layers[0].idx=}",
    "3.14 1,234,567     x|y    | 0xff   64  | m.layers[0].idx=0",
)

finish(118)
