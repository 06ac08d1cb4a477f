# logging with a handler of its own, argparse, contextvars, threading basics, queue, warnings.
from checks import assert_eq, assert_noted, assert_raises, finish, note, note_result
import argparse, contextvars, logging, queue, threading, warnings, weakref, numbers, string


class H(logging.Handler):
    def emit(self, r):
        note("REC", self.format(r))


log = logging.getLogger("kdex.t")
h = H()
h.setFormatter(logging.Formatter("%(levelname)s|%(name)s|%(message)s"))
log.addHandler(h)
log.setLevel(logging.INFO)
log.propagate = False
log.debug("no")
log.info("x=%d %s", 1, "s")
assert_noted(("REC", "INFO|kdex.t|x=1 s"))
log.warning("w")
assert_noted(("REC", "WARNING|kdex.t|w"))
log.error("e %(k)s", {"k": 5})
assert_noted(("REC", "ERROR|kdex.t|e 5"))
log.log(25, "custom")
assert_noted(("REC", "Level 25|kdex.t|custom"))
log.critical("c")
assert_noted(("REC", "CRITICAL|kdex.t|c"))
assert_eq(log is logging.getLogger("kdex.t"), True)
assert_eq(log.level, 20)
assert_eq(log.isEnabledFor(10), False)
assert_eq(logging.getLogger("kdex.t.sub").getEffectiveLevel(), 20)
assert_eq(logging.getLogger("kdex.t.sub").parent is log, True)


class Places(logging.Handler):
    def emit(self, r):
        note("AT", f"{r.pathname == __file__} {r.filename} {r.lineno - first}")


def through(depth):
    log.warning("w", stacklevel=depth)


places = Places()
log.addHandler(places)
first = through.__code__.co_firstlineno
log.warning("w")
assert_noted(("REC", "WARNING|kdex.t|w"), ("AT", "True test_logging_argparse.py 7"))
through(1)
assert_noted(("REC", "WARNING|kdex.t|w"), ("AT", "True test_logging_argparse.py 1"))
through(2)
assert_noted(("REC", "WARNING|kdex.t|w"), ("AT", "True test_logging_argparse.py 11"))
log.removeHandler(places)
assert_eq(logging.getLevelName(30), "WARNING")
assert_eq(logging.getLevelName("ERROR"), 40)
assert_eq(logging.getLogger().name, "root")
assert_eq(log.name, "kdex.t")
assert_eq(log.handlers == [h], True)
assert_eq(log.hasHandlers(), True)
assert_eq(repr(logging.getLogger("kdex.t")), "<Logger kdex.t (INFO)>")


class A(logging.LoggerAdapter):
    def process(self, m, k):
        return f"[{self.extra['p']}] {m}", k


A(log, {"p": 1}).info("adapted")
assert_noted(("REC", "INFO|kdex.t|[1] adapted"))
log.addFilter(lambda r: "skip" not in r.getMessage())
log.info("skip me")
log.info("keep")
assert_noted(("REC", "INFO|kdex.t|keep"))
assert_raises(ValueError, "Unknown level: 'NOPE'", log.setLevel, "NOPE")
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
assert_eq(
    str(ap.parse_args([])),
    "Namespace(pos='dp', tp_size=1, flag=False, x=True, names=None, kind='a', v=0, items=None, str_default=7, in_group=None)",
)
assert_eq(
    str(
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
    ),
    "Namespace(pos='P', tp_size=4, flag=True, x=False, names=['q', 'r'], kind='b', v=2, items=[1.0, 2.5], str_default=7, in_group='z')",
)
assert_eq(
    str(ap.parse_known_args(["--unknown", "--tp-size=2"])),
    "(Namespace(pos='dp', tp_size=2, flag=False, x=True, names=None, kind='a', v=0, items=None, str_default=7, in_group=None), ['--unknown'])",
)
assert_eq(ap.get_default("tp_size"), 1)
ap2 = argparse.ArgumentParser(exit_on_error=False, add_help=False)
ap2.add_argument("--n", type=int)
ap2.add_argument("--c", choices=["a"])
for bad in (["--n", "x"], ["--c", "z"], ["--n"]):
    try:
        ap2.parse_args(bad)
    except argparse.ArgumentError as e:
        note(e)
assert_noted(
    ("argument --n: invalid int value: 'x'",),
    ("argument --c: invalid choice: 'z' (choose from 'a')",),
    ("argument --n: expected one argument",),
)
assert_eq(str(argparse.Namespace(a=1, b="x")), "Namespace(a=1, b='x')")
assert_eq(vars(argparse.Namespace(q=2)), {"q": 2})
assert_eq("a" in argparse.Namespace(a=1), True)
sub = argparse.ArgumentParser(prog="s", add_help=False)
sp = sub.add_subparsers(dest="cmd")
s1 = sp.add_parser("run")
s1.add_argument("--k", default=3, type=int)
assert_eq(str(sub.parse_args(["run", "--k", "9"])), "Namespace(cmd='run', k=9)")

cv = contextvars.ContextVar("cv", default=1)
tok = cv.set(5)
assert_eq(cv.get(), 5)
cv.reset(tok)
assert_eq(cv.get(), 1)
assert_eq(cv.name, "cv")
note_result(contextvars.ContextVar("n").get) if False else None
lk = threading.RLock()
with lk:
    note("locked")
assert_noted(("locked",))
loc = threading.local()
loc.x = 1
assert_eq(loc.x, 1)
assert_eq(hasattr(loc, "y"), False)
assert_eq(threading.current_thread().name, "MainThread")
assert_eq(threading.Event().is_set(), False)
q = queue.Queue()
q.put(1)
q.put(2)
assert_eq(q.get(), 1)
assert_eq(q.qsize(), 1)
assert_eq(q.empty(), False)
assert_raises("Empty", "", queue.Queue().get_nowait)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    warnings.warn("w")
    note("warned")
assert_noted(("warned",))
assert_eq(isinstance(1, numbers.Integral), True)
assert_eq(isinstance(1.0, numbers.Real), True)
assert_eq(isinstance(1.0, numbers.Integral), False)
assert_eq(isinstance(True, numbers.Number), True)
assert_eq(issubclass(int, numbers.Rational), True)
assert_eq(
    list(string.Formatter().parse("a{b}c{d!r:>5}{{")),
    [("a", "b", "", None), ("c", "d", ">5", "r"), ("{", None, None, None)],
)
assert_eq(string.ascii_uppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

finish(70)
