"""Programs that mean harm, or are broken: `kdex eval` answers each with a status and one clear last line, within
bounds of time and memory, and touches nothing.

usage: run_hostile.py KDEX
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

SECONDS = 2  # that kdex may run a program; on a busy machine any of them may reach it
SLACK = 12  # that the machine may add to it
MEMORY_MB = 2300  # the isolate's bound and what is outside of it
DEEP = "maximum recursion depth exceeded"
TIME = "the time limit was reached|the step limit was reached|MB of memory were asked for"

# name, program, texts of which the last line of the error output holds one ("" for none)
PROGRAMS = [
    ("endless loop", "while True: pass", TIME),
    (
        "endless loop that catches all",
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
        TIME,
    ),
    ("endless loop in finally", "try:\n  while True: pass\nfinally:\n  while True: pass", TIME),
    ("endless iterator into a list", "import itertools\nlist(itertools.count())", TIME),
    ("endless iterator unpacked", "a, *b = iter(int, 1)", TIME),
    ("endless any", "any(iter(int, 1))", TIME),
    ("nothing repeated", "'' * 10**18 + str(b'' * 10**18)", ""),
    ("a long search", "('a' * 10**8).find('a' * (5 * 10**7) + 'b')", ""),
    ("long operations", "x = 'a' * 10**8\nfor i in range(10**6): x.isalpha()", TIME),
    ("long moves", "x = [0] * 10**7\nfor i in range(10**6): x.pop(0)", TIME),
    ("keys of one hash", "d = {i * (2**61 - 1): 0 for i in range(10**6)}", TIME),
    ("a limit's line", "x = 1\n\nx = [0] * 10**12", "program.py:3: a collection of more than"),
    ("sum of a long range", "sum(range(10**12))", TIME),
    ("list that grows while it is read", "a = [1]\nfor x in a: a.append(x)", TIME),
    (
        "keys that all collide",
        "class A:\n  __hash__ = lambda s: 1\n  __eq__ = lambda s, o: False\nd = {A(): 1 for i in range(100000)}",
        TIME,
    ),
    (
        "endless coroutine",
        "import asyncio\nasync def f():\n  while True: await asyncio.sleep(0)\nasyncio.run(f())",
        TIME,
    ),
    ("endless printing", "while True: print('x' * 1000)", "MB were printed"),
    (
        "endless standard error",
        "import sys\nwhile True: sys.stderr.write('x' * 1000)",
        "MB were printed",
    ),
    (
        "a str that raises while the traceback is made",
        "class E(Exception):\n  def __str__(self):\n    while True: pass\nraise E()",
        TIME,
    ),
    ("recursion", "def f(n): return f(n + 1)\nf(0)", DEEP),
    ("recursion that is caught", "def f():\n  try: f()\n  except RecursionError: f()\nf()", TIME),
    (
        "recursion without a limit",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        DEEP,
    ),
    (
        "recursion by attribute",
        "class A:\n  def __getattr__(self, n): return getattr(self, n)\nA().b",
        DEEP,
    ),
    ("recursion by repr", "class A:\n  def __repr__(self): return repr(self)\nrepr(A())", DEEP),
    (
        "recursion by comparison",
        "class A:\n  def __eq__(self, o): return self == o\nA() == A()",
        DEEP,
    ),
    ("recursion by generator", "def g():\n  yield from g()\nnext(g())", DEEP),
    (
        "recursion by metaclass",
        "class M(type):\n  def __call__(c, *a): return c(*a)\nclass A(metaclass=M): pass\nA()",
        DEEP,
    ),
    ("recursion by native calls", "f = lambda x: list(map(f, [x]))\nf(1)", DEEP),
    ("an instance as its own __call__", "class A: pass\nA.__call__ = A()\nA()()", DEEP),
    (
        "an index that is no number",
        "class A:\n  __index__ = lambda s: s\n[1][A()]",
        "__index__ returned non-int",
    ),
    ("deep list, repr", "a = []\nfor i in range(200000): a = [a]\nrepr(a)", DEEP),
    (
        "deep tuples compared",
        "a = b = ()\nfor i in range(200000): a = (a,); b = (b,)\na == b",
        DEEP,
    ),
    ("deep tuple, hash", "a = ()\nfor i in range(200000): a = (a,)\nhash(a)", DEEP),
    (
        "lists that hold themselves compared",
        "a = []\na.append(a)\nb = []\nb.append(b)\na == b",
        DEEP,
    ),
    ("deep copy", "import copy\na = []\nfor i in range(100000): a = [a]\ncopy.deepcopy(a)", DEEP),
    ("deep JSON", "import json\njson.loads('[' * 1000000)", DEEP),
    ("deep iterators", "x = [1]\nfor i in range(200000): x = map(abs, x)\nlist(x)", DEEP),
    (
        "deeper iterators",
        "x = [1]\nfor i in range(3000000): x = zip(enumerate(x))\nlist(x)",
        DEEP + "|" + TIME,
    ),
    (
        "deep classes of isinstance",
        "x = int\nfor i in range(3000000): x = (x,)\nisinstance('', x)",
        DEEP + "|" + TIME,
    ),
    (
        "deep classes of issubclass",
        "x = int\nfor i in range(3000000): x = (x,)\nissubclass(str, x)",
        DEEP + "|" + TIME,
    ),
    (
        "deep generators",
        "def g(x): yield from x\nx = iter([1])\nfor i in range(200000): x = g(x)\nlist(x)",
        DEEP,
    ),
    (
        "many open generators",
        "def g():\n  yield 1\nx = [g() for i in range(10**6)]\nfor y in x: next(y)",
        "generators are open at once|" + TIME,
    ),
    ("deep inheritance", "class A: pass\nfor i in range(20000):\n  class A(A): pass", TIME),
    ("a base that is no class", "type.__new__(type, 'a', (5,), {})", "metaclass conflict"),
    ("list of 10**12", "[0] * 10**12", "elements was asked for"),
    ("tuple of 10**12", "(0,) * 10**12", "elements was asked for"),
    ("list of a range", "list(range(10**12))", "elements was asked for"),
    ("slice assignment", "a = [1]\na[1:] = range(10**12)", "elements was asked for"),
    ("list that doubles", "a = [0]\nwhile True: a *= 2", TIME + "|elements was asked for"),
    ("str of 10**12", "'a' * 10**12", "a text of more than"),
    ("str that doubles", "a = 'a'\nwhile True: a *= 2", "a text of more than"),
    ("bytes of 10**12", "bytes(10**12)", "a text of more than"),
    ("wide padding", "'a'.ljust(10**12)", "a text of more than"),
    ("wide tabs", "'\\t'.expandtabs(10**12)", "a text of more than"),
    ("wide format", "f'{1:1000000000000}'", "a text of more than"),
    ("wide percent format", "'%*d' % (10**12, 1)", "a text of more than"),
    ("precise format", "'%.2000000000f' % 1.5", "was asked for"),
    ("replace", "a = 'a' * 10**6\na.replace('a', a)", "a text of more than"),
    ("join", "','.join(['a' * 10**7] * 10**6)", "a text of more than"),
    ("integer to bytes", "(1).to_bytes(10**12, 'big')", "a text of more than"),
    ("power", "10**10**10", "bits was asked for"),
    ("repeated square", "x = 3\nwhile True: x = x * x", "bits was asked for"),
    ("shift", "1 << 10**12", "bits was asked for"),
    ("factorial", "import math\nmath.factorial(10**9)", "bits was asked for"),
    ("binomial", "import math\nmath.comb(10**9, 5 * 10**8)", "bits was asked for"),
    ("wide divisor", "import math\nmath.gcd(3**1200000, 7**700000)", TIME),
    ("decimal digits", "str(1 << 4000000)", "Exceeds the limit (4300 digits)"),
    ("digits of a literal", "x = " + "9" * 1000000, "Exceeds the limit (4300 digits)"),
    ("range past 64 bits", "len(range(-2**63, 2**63 - 1))", "too large"),
    ("format index", "'{99999999999999999999}'.format(1)", "Too many decimal digits"),
    ("tensor's elements", "import torch\ntorch.arange(10**12).tolist()", "elements was asked for"),
    ("parentheses", "x = " + "(" * 100000 + "1" + ")" * 100000, "too many nested expressions"),
    ("brackets", "x = " + "[" * 100000 + "]" * 100000, "too many nested expressions"),
    ("unary operators", "x = " + "-" * 100000 + "1", "too many nested expressions"),
    ("lambdas", "x = " + "lambda:" * 100000 + "1", "too many nested expressions"),
    ("attributes", "x = x" + ".a" * 100000, "too many nested expressions"),
    (
        "blocks",
        "".join(" " * i + "if 1:\n" for i in range(2000)) + " " * 2000 + "pass",
        "SyntaxError",
    ),
    ("parameters", "def f(" + ",".join(f"a{i}" for i in range(70000)) + "): pass", ""),
    ("long sum", "x = " + "+".join(["1"] * 100000), ""),
    ("no indentation", "if 1:\nprint(1)", "expected an indented block"),
    ("wrong indentation", "if 1:\n    x = 1\n  y = 2", "unexpected indent"),
    ("tabs and spaces", "if 1:\n\tx = 1\n        y = 2", "inconsistent use of tabs and spaces"),
    ("syntax", "def f(:\n  pass", "SyntaxError"),
    ("a null byte", "x = 1\0\n", "SyntaxError"),
    ("expression that backtracks", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')", TIME),
    ("expression with groups that backtracks", "import re\nre.match(r'(a*)*\\1b', 'a' * 50)", TIME),
    ("deep expression", "import re\nre.compile('(' * 50000 + ')' * 50000)", "nested too deeply"),
    (
        "repeated expression",
        "import re\nre.compile('(((a{1000}){1000}){1000}){1000}')",
        "too large",
    ),
    (
        "comparison that empties the list",
        "class A:\n  def __eq__(s, o):\n    l.clear()\n    return False\nl = [A() for i in range(9)]\n1 in l",
        "",
    ),
    (
        "key that empties the list",
        "a = [3, 2, 1]\ndef k(x):\n  a.clear()\n  return x\na.sort(key=k)",
        "list modified during sort",
    ),
    (
        "index that empties the list",
        "l = [0] * 99\nclass I:\n  def __index__(s):\n    l.clear()\n    return 50\nl[0:I()]\nl[I()] = 1",
        "index out of range",
    ),
    (
        "the machine's own modules",
        "import sys, _kdex\nfor m in list(sys.modules.values()):\n  for n in list(vars(m)):\n    if n not in ('print', 'setattr', 'list', 'vars', 'Exception'):\n      try: setattr(m, n, 5)\n      except Exception: pass",
        "TypeError",
    ),
    ("the machine's host", "import _host", "No module named"),
    ("the machine's iterators", "import _iterators", "No module named"),
    ("write a file", "open('PWNED', 'w')", "Permission denied"),
    ("write by path", "import pathlib\npathlib.Path('PWNED').write_text('a')", "Permission denied"),
    ("make a folder", "import os\nos.makedirs('PWNED')", "not permitted"),
    ("read a file", "open('/etc/passwd')", "No such file"),
    ("run a command", "import os\nos.system('touch PWNED')", "not permitted"),
    ("run a program", "import subprocess\nsubprocess.run(['touch', 'PWNED'])", "No such file"),
    (
        "unpickle a command",
        "import pickle\npickle.loads(b\"cos\\nsystem\\n(S'touch PWNED'\\ntR.\")",
        "pickle is not available",
    ),
    ("foreign functions", "import ctypes\nctypes.string_at(0)", "not permitted"),
    ("kill", "import os\nos.kill(os.getpid(), 9)", "not permitted"),
    (
        "network",
        "import socket\nsocket.create_connection(('127.0.0.1', 1))",
        "refused|unreachable|not permitted",
    ),
    ("sleep", "import time\ntime.sleep(10**9)", ""),
    ("input", "input()", "EOFError"),
    ("module outside of the sources", "__import__('../../etc/passwd')", "No module named"),
]


def run(kdex, name, program, wanted, folder):
    file = pathlib.Path(folder, "program.py")
    file.write_bytes(program.encode())
    before = time.monotonic()
    with (
        open(pathlib.Path(folder, "out"), "w+b") as out,
        open(pathlib.Path(folder, "err"), "w+b") as err,
    ):
        child = subprocess.Popen(
            [kdex, "eval", file.name, "--seconds", str(SECONDS)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - before
        err.seek(0, os.SEEK_END)
        err.seek(max(0, err.tell() - 4000))
        lines = err.read().decode(errors="replace").splitlines() or [""]
    faults = []
    late = child.returncode == 1 and "the time limit was reached" in lines[-1]
    if not late and child.returncode != (1 if wanted else 0):
        faults.append(f"status {child.returncode}")
    if wanted and not late and not any(w in lines[-1] for w in wanted.split("|")):
        faults.append(f"last line {lines[-1][:200]!r}, wanted {wanted!r}")
    if seconds > SECONDS + SLACK:
        faults.append(f"{seconds:.0f} s")
    if used.ru_maxrss > MEMORY_MB * 1024:
        faults.append(f"{used.ru_maxrss // 1024} MB")
    if pathlib.Path(folder, "PWNED").exists():
        faults.append("it touched the disk")
    if faults:
        print(f"{name}: {', '.join(faults)}", flush=True)
    return not faults


def main():
    kdex = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        good = sum(run(kdex, *p, folder) for p in PROGRAMS)
    print(f"{good} of {len(PROGRAMS)} hostile programs end as they must")
    return 0 if good == len(PROGRAMS) else 1


sys.exit(main())
