"""Branches on sizes, as a driver has them noted. Run by kdex eval: test_kernel_calls.py."""

import _kdex


def regimes_of(run, *sizes):
    """(condition, outcome, value, count) of what `run` compares."""
    _kdex.watch_sizes(True)
    run(*sizes)
    _kdex.watch_sizes(None)
    rows = _kdex.take_regimes()
    return [(f"{r[0]} {r[1]} {r[2]}", r[4], r[3], r[5]) for r in rows]


def check(what, got, wanted):
    assert got == wanted, f"{what}: {got!r} is not {wanted!r}"


tokens = _kdex.size("num_tokens", 411, 1)
prefix = _kdex.size("prefix_len.0", 0, 0)
other = _kdex.size("prefix_len.1", 7, 0)


def one_bound(n):
    for _ in range(3):
        if n <= 2048:
            pass


def either_side(n):
    if 2048 >= n:
        pass
    if 4 * n + 3 < 8192:
        pass
    if (n * 512) // 512 // 4 > 16:
        pass
    if (n + 3) // 4 * n > 5 * n:
        pass


def settled(n):
    """The same at every size: nothing to note."""
    if n > 0 and n != 0 and n and n >= 1:
        pass
    if n - n == 0 or n * 4 % 2:
        pass
    x = n + 1
    if x > n or x < 1:
        pass
    assert n < 5000


def truth(a, b):
    if a:
        pass
    if not b:
        pass
    if a + b >= 9000 or sum([a, b]) == 0:
        pass
    if max(a, b, 4) < 4096:
        pass


check("a bound", regimes_of(one_bound, tokens), [("num_tokens <= 2048", True, 411, 3)])
check(
    "the size stands at the left, in its own unit",
    regimes_of(either_side, tokens),
    [
        ("num_tokens <= 2048", True, 411, 1),
        ("num_tokens < 2048", True, 411, 1),
        ("num_tokens // 4 > 16", True, 102, 1),
        ("((num_tokens + 3) // 4)*num_tokens - 5*num_tokens > 0", True, 411 * 98, 1),
    ],
)
check("what no size decides", regimes_of(settled, tokens), [])
check(
    "truth, and sizes of several requests",
    regimes_of(truth, prefix, other),
    [
        ("prefix_len != 0", False, 0, 1),
        ("prefix_len != 0", True, 7, 1),
        ("sum(prefix_len) >= 9000", False, 7, 1),
        ("sum(prefix_len) == 0", False, 7, 1),
        ("max(prefix_len, 4) < 4096", True, 7, 1),
    ],
)
check("without a watch nothing is noted", (one_bound(tokens), _kdex.take_regimes()), (None, []))
named = _kdex.size("batch_size", _kdex.size("num_tokens", 3, 1), 1)
check("one size under two names", regimes_of(one_bound, named)[0][0], "num_tokens <= 2048")


def many(n):
    for bound in range(1000, 1000 + 900):
        if n < bound:
            pass


check("their number is bounded", len(regimes_of(many, tokens)), 400)
deep = tokens
for i in range(40):
    deep = max(deep, i) // 3 + deep // 7


def far(n):
    if n > 5:
        pass


check("a formula too long to show is left out", regimes_of(far, deep), [])
print("ok")
