"""Branches on sizes, as a driver has them noted. Run by kdex eval: test_kernel_calls.py."""

import bisect

import _kdex
import torch


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


def held_as_tensors(a, b):
    """What the host holds as a tensor leads to sizes by its elements."""
    lens = torch.tensor([a, b], dtype=torch.int64, device="cpu")
    if sum(lens) <= 131072:
        pass
    if lens[1] > 4096 or lens.max() == 100:
        pass
    if lens.sum().item() < 5000 and int(lens[0]) == 0:
        pass
    if (lens > 5).any():
        pass


check(
    "sizes that are held as tensors",
    regimes_of(held_as_tensors, prefix, other),
    [
        ("sum(prefix_len) <= 131072", True, 7, 1),
        ("prefix_len > 4096", False, 7, 1),
        ("max(prefix_len) == 100", False, 7, 1),
        ("sum(prefix_len) < 5000", True, 7, 1),
        ("prefix_len == 0", True, 0, 1),
    ],
)


def bucket(n):
    """A place in a list of bounds: those beside it."""
    bisect.bisect_left([1, 64, 512, 1024], n)
    bisect.bisect_right([411, 512], n)
    bisect.bisect_left([1, 2], n)


check(
    "a bucket's bounds",
    regimes_of(bucket, tokens),
    [
        ("num_tokens > 64", True, 411, 1),
        ("num_tokens <= 512", True, 411, 1),
        ("num_tokens >= 411", True, 411, 1),
        ("num_tokens < 512", True, 411, 1),
        ("num_tokens > 2", True, 411, 1),
    ],
)


class Ids:
    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count


def counted(n):
    if len(Ids(n)) > 8192:
        pass


check(
    "a length that a class gives",
    regimes_of(counted, tokens),
    [("num_tokens > 8192", False, 411, 1)],
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
