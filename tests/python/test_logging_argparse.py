# logging with a handler of its own, argparse, contextvars, threading basics, queue, warnings.
import argparse, contextvars, logging, queue, threading, warnings, weakref, numbers, string


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


class H(logging.Handler):
    def emit(self, r):
        print("REC", self.format(r))


log = logging.getLogger("kdex.t")
h = H()
h.setFormatter(logging.Formatter("%(levelname)s|%(name)s|%(message)s"))
log.addHandler(h)
log.setLevel(logging.INFO)
log.propagate = False
log.debug("no")
log.info("x=%d %s", 1, "s")
log.warning("w")
log.error("e %(k)s", {"k": 5})
log.log(25, "custom")
log.critical("c")
print(
    log is logging.getLogger("kdex.t"),
    log.level,
    log.isEnabledFor(10),
    logging.getLogger("kdex.t.sub").getEffectiveLevel(),
    logging.getLogger("kdex.t.sub").parent is log,
    logging.getLevelName(30),
    logging.getLevelName("ERROR"),
    logging.getLogger().name,
    log.name,
    log.handlers == [h],
    log.hasHandlers(),
    repr(logging.getLogger("kdex.t")),
)


class A(logging.LoggerAdapter):
    def process(self, m, k):
        return f"[{self.extra['p']}] {m}", k


A(log, {"p": 1}).info("adapted")
log.addFilter(lambda r: "skip" not in r.getMessage())
log.info("skip me")
log.info("keep")
err(log.setLevel, "NOPE")
log.setLevel("ERROR")
log.info("gone")
log.removeHandler(h)
logging.getLogger("kdex.q").addHandler(logging.NullHandler())

ap = argparse.ArgumentParser(prog="p", add_help=False)
ap.add_argument("pos", nargs="?", default="dp")
ap.add_argument("--tp-size", "--tp", type=int, default=1)
ap.add_argument("--flag", action="store_true")
ap.add_argument("--no-x", dest="x", action="store_false")
ap.add_argument("--names", nargs="+")
ap.add_argument("--kind", choices=["a", "b"], default="a")
ap.add_argument("-v", action="count", default=0)
ap.add_argument("--items", action="append", type=float)
ap.add_argument("--str-default", type=int, default="7")
g = ap.add_argument_group("g")
g.add_argument("--in-group", type=str)
print(ap.parse_args([]))
print(
    ap.parse_args(
        [
            "P",
            "--tp",
            "4",
            "--flag",
            "--no-x",
            "--names",
            "q",
            "r",
            "--kind=b",
            "-v",
            "-v",
            "--items",
            "1",
            "--items",
            "2.5",
            "--in-group",
            "z",
        ]
    )
)
print(ap.parse_known_args(["--unknown", "--tp-size=2"]), ap.get_default("tp_size"))
ap2 = argparse.ArgumentParser(exit_on_error=False, add_help=False)
ap2.add_argument("--n", type=int)
ap2.add_argument("--c", choices=["a"])
for bad in (["--n", "x"], ["--c", "z"], ["--n"]):
    try:
        ap2.parse_args(bad)
    except argparse.ArgumentError as e:
        print(e)
print(argparse.Namespace(a=1, b="x"), vars(argparse.Namespace(q=2)), "a" in argparse.Namespace(a=1))
sub = argparse.ArgumentParser(prog="s", add_help=False)
sp = sub.add_subparsers(dest="cmd")
s1 = sp.add_parser("run")
s1.add_argument("--k", default=3, type=int)
print(sub.parse_args(["run", "--k", "9"]))

cv = contextvars.ContextVar("cv", default=1)
tok = cv.set(5)
print(cv.get())
cv.reset(tok)
print(cv.get(), cv.name)
err(contextvars.ContextVar("n").get) if False else None
lk = threading.RLock()
with lk:
    print("locked")
loc = threading.local()
loc.x = 1
print(loc.x, hasattr(loc, "y"), threading.current_thread().name, threading.Event().is_set())
q = queue.Queue()
q.put(1)
q.put(2)
print(q.get(), q.qsize(), q.empty())
err(queue.Queue().get_nowait)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    warnings.warn("w")
    print("warned")
print(
    isinstance(1, numbers.Integral),
    isinstance(1.0, numbers.Real),
    isinstance(1.0, numbers.Integral),
    isinstance(True, numbers.Number),
    issubclass(int, numbers.Rational),
)
print(list(string.Formatter().parse("a{b}c{d!r:>5}{{")), string.ascii_uppercase)
