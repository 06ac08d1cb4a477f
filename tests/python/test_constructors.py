# What constructors of a serving engine lean on: modules of modules, hooks, mixins, registries, contexts.
import contextlib, logging, os, threading, weakref, math, itertools, functools, collections, copy, json, re, time, random, abc, warnings, argparse, string, textwrap, operator, heapq, bisect, uuid, platform, socket, tempfile, pathlib, traceback, signal, queue, concurrent.futures, asyncio, io, types
from collections import OrderedDict, defaultdict, deque, namedtuple, Counter, ChainMap, UserDict
from contextlib import contextmanager, nullcontext, suppress, ExitStack, closing, redirect_stdout


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


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
print(
    [n for n, _ in m.named_modules()],
    dict(m.named_parameters()),
    m(1),
    len(m.layers[1:]),
    m.layers[-1].idx,
    m.layers[0].mixed,
    hasattr(m, "nope"),
    m.layers[0].q.weight.v,
    dir(m.layers[0].q),
)
err(lambda: m.nope)
err(lambda: m.layers[0].broken)
err(lambda: m.layers[9])
del m.layers[0].q.weight
print(hasattr(m.layers[0].q, "weight"))
seen = []
m.apply(lambda x: seen.append(type(x).__name__))
print(Counter(seen))


class NoInit(Module):
    def __init__(self):
        self.p = Parameter(1)


err(NoInit)


@contextmanager
def ctx(v):
    global CUR
    old, CUR = CUR, v
    try:
        yield v
    except KeyError as e:
        print("swallow", e)
    finally:
        CUR = old


CUR = 0
with ctx(3) as a, ctx(a + 1) as b:
    print(CUR, a, b)
print(CUR)
with ctx(1):
    raise KeyError("k")


def boom():
    with ctx(1):
        raise ValueError("v")


err(boom)
print(CUR)
with ExitStack() as st:
    st.enter_context(ctx(5))
    st.callback(print, "cb", CUR)
    st.push(lambda *e: print("exit", e[0]))
    print(CUR)
with suppress(ZeroDivisionError), nullcontext(7) as n7:
    print(n7)
    1 / 0


@ctx(9)
def decorated():
    return CUR


print(decorated(), CUR)
buf = io.StringIO()
with redirect_stdout(buf):
    print("captured")
print(repr(buf.getvalue()))


def gen(n):
    try:
        for i in range(n):
            r = yield i
            if r:
                print("got", r)
    except GeneratorExit:
        print("closed")
        raise
    finally:
        print("fin")
    return "ret"


g = gen(5)
print(next(g), g.send("hi"))
g.close()
err(next, g)


def deleg():
    r = yield from gen(1)
    print("r", r)
    return (yield "last")


print(list(deleg()))
g = gen(2)
next(g)
err(g.throw, ValueError("t"))


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


print(R["foo"][0].__name__, R["b"][1])
err(lambda: R["z"])
dd = defaultdict(lambda: defaultdict(int))
dd["a"]["x"] += 1
dq = deque([1, 2, 3], maxlen=3)
dq.append(4)
dq.appendleft(0)
od = OrderedDict(a=1, b=2)
od.move_to_end("a")
cm = ChainMap({"a": 1}, {"b": 2, "a": 3})
print(
    dict(dd),
    dq,
    od,
    list(cm.items()),
    cm["b"],
    Counter("abca").most_common(1),
    namedtuple("NT", "a b", defaults=[5])(1),
    dict(od.items() & {("b", 2)}),
)
print(
    [*itertools.chain([1], [2, 3])],
    list(itertools.product("ab", [1, 2])),
    list(itertools.accumulate([1, 2, 3])),
    list(itertools.islice(itertools.count(5), 3)),
    [(k, list(v)) for k, v in itertools.groupby("aabb")],
    list(itertools.zip_longest([1], [2, 3])),
    list(itertools.combinations([1, 2, 3], 2)),
    list(itertools.pairwise([1, 2, 3])),
    list(itertools.starmap(pow, [(2, 3)])),
    list(itertools.takewhile(lambda x: x < 2, [1, 2, 1])),
)
os.environ["KX"] = "1"
print(
    os.environ.get("KX"),
    os.getenv("NOPE", "d"),
    os.environ.get("KX", "0").lower() in ("1", "true"),
    "KX" in os.environ,
    os.path.join("a", "b"),
    os.path.basename("/x/y.z"),
    os.path.splitext("a.tar.gz"),
    os.path.exists("/no/way"),
    os.cpu_count() is None or os.cpu_count() > 0,
)
log = logging.getLogger("x.y")
log.setLevel(logging.INFO)
print(
    log.name,
    log.isEnabledFor(10),
    log.getEffectiveLevel(),
    logging.getLevelName(30),
    log.parent.name,
    logging.getLogger("x.y") is log,
)
p = argparse.ArgumentParser()
p.add_argument("--tp", "--tensor-parallel", type=int, default=1, dest="tp")
p.add_argument("--flag", action="store_true")
p.add_argument("--c", choices=["a", "b"])
p.add_argument("--l", nargs="*", type=float)
print(p.parse_args(["--tp", "4", "--flag", "--l", "1", "2.5"]), vars(p.parse_args([])))
lock = threading.Lock()
with lock:
    print(lock.locked())
loc = threading.local()
loc.x = 1
print(loc.x, threading.current_thread().name)


class Once:
    _i = None

    def __new__(cls, *a):
        if cls._i is None:
            cls._i = super().__new__(cls)
        return cls._i


print(
    Once() is Once(),
    re.sub(r"(\w+)\.(\d+)", r"\2-\1", "layer.12"),
    re.match(r"model\.layers\.(?P<i>\d+)\.", "model.layers.7.q")["i"],
    re.findall(r"\d+", "a1b22"),
    json.dumps({"a": [1, None, True, 1.5]}, sort_keys=True, indent=None),
    json.loads('{"a": {"b": [1, 2.0]}}'),
    math.ceil(7 / 2),
    -(-7 // 2),
    1 << 4,
    textwrap.dedent("  a\n  b"),
    string.Template("$x").substitute(x=1),
)
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    warnings.warn("careful", DeprecationWarning)
    print(len(w), w[0].category.__name__)


async def aw(x):
    await asyncio.sleep(0)
    return x * 2


async def amain():
    return await asyncio.gather(aw(1), aw(2))


print(asyncio.run(amain()))
with concurrent.futures.ThreadPoolExecutor(2) as ex:
    print(list(ex.map(lambda x: x + 1, [1, 2])), ex.submit(pow, 2, 3).result())
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise RuntimeError("wrapped") from e
except RuntimeError as e:
    print(
        repr(e.__cause__), e.__context__ is e.__cause__, traceback.format_exception_only(type(e), e)
    )
print(
    getattr(m, "missing", "dflt"),
    isinstance(m, (Layer, Model)),
    [c.__name__ for c in Layer.__mro__],
    vars(cfg),
    copy.deepcopy(cfg).h,
    copy.copy(m.layers[0]).idx,
    callable(m),
    bool(m.layers),
    type(m).__qualname__,
    m.layers.__class__.__module__,
)
match cfg:
    case types.SimpleNamespace(h=64, tp=t) if t > 2:
        print("matched", t)
print(f"{3.14159:.2f} {1234567:,} {'x':>5}|{'y':<5}| {255:#x} {cfg.h!r:^6}| {m.layers[0].idx=}")
