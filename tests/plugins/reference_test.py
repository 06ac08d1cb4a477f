"""What the tests of references share: loading one, random tensors, paged caches and formulas.

Each family's test_reference.py holds its references (plugins/<family>/reference) against a float64
formula, element by element. The formulas are written from the mathematics with plain loops over
sequences, heads and experts in numpy; they share no code with the references.
Needs torch (CPU) and numpy; says so and exits 77 where they are not installed.
"""

import math
import pathlib
import re
import sys
import unittest

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(
        f"skipped: {missing.name} is not installed (cmake -DKDEX_TORCH_PYTHON=python names a Python that has it)"
    )
    sys.exit(77)

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
USED = set()  # files of references and of their parts
RUN = set()  # (family, reference)
BF16, F16, F32, FP8, I32 = (
    torch.bfloat16,
    torch.float16,
    torch.float32,
    torch.float8_e4m3fn,
    torch.int32,
)


def references(family):
    """The family's references by name: the file and the names of its variant, as they are given to
    kdex_add_family."""
    listed = (PLUGINS / family / "CMakeLists.txt").read_text()
    entries = re.findall(r"reference/(\w+)(\.py(?:\.in)?)((?::\w+)*)", listed)
    return {(stem + names).replace(":", "_"): (stem + end, names.split(":")[1:])
            for stem, end, names in entries}  # fmt: skip


def text_of(family, name):
    """A reference's text as KdexPlugin.cmake puts it together."""
    file, wanted = references(family)[name]
    folder = PLUGINS / family / "reference"

    def chosen(path):
        USED.add(path)
        choice = r"\{(\w+)\|([^|}]*)(?:\|([^}]*))?\}"
        text = re.sub(choice, lambda m: m[2] if m[1] in wanted else m[3] or "", path.read_text())
        include = r"^# kdex:include (.+)$"
        return re.sub(include, lambda m: chosen(folder / m[1]).rstrip("\n"), text, flags=re.M)

    return chosen(folder / file)


def load(family, name, **constants):
    """The reference's `run`, with its marked constants set."""
    RUN.add((family, name))
    text, left = text_of(family, name), dict(constants)

    def put(match):
        return f"{match[1]} = {left.pop(match[1])}" if match[1] in left else match[0]

    text = re.sub(r"^(\w+) = .*# kdex:constant$", put, text, flags=re.M)
    assert not left, left
    space = {}
    exec(compile(text, name, "exec"), space)
    return space["run"]


def rng(seed):
    return torch.Generator().manual_seed(seed)


def randn(*shape, seed=0, dtype=BF16, scale=1.0):
    return (torch.randn(*shape, generator=rng(seed)) * scale).to(dtype)


def np64(t):
    return t.to(torch.float32).numpy().astype(np.float64)


def close(test, got, want, tolerance):
    got = np64(got)
    test.assertEqual(got.shape, want.shape)
    finite = np.isfinite(want)
    test.assertTrue((np.isfinite(got) == finite).all(), "infinities differ")
    test.assertTrue((got[~finite] == want[~finite]).all())
    error = np.linalg.norm(got[finite] - want[finite]) / (np.linalg.norm(want[finite]) + 1e-30)
    test.assertLess(error, tolerance)


def softmax_attention(scores, values, window, positions, sink=None):
    """One head: scores [nq, nk] -> output [nq, dv], lse [nq] in base 2. sink: a score without a value."""
    out = np.zeros((scores.shape[0], values.shape[1]))
    lse = np.full(scores.shape[0], -np.inf)
    for i, p in enumerate(positions):
        js = [j for j in range(scores.shape[1]) if j <= p and (window < 0 or j >= p - window)]
        e = [math.exp(scores[i, j]) for j in js]
        total = math.fsum(e) + (0 if sink is None else math.exp(sink))
        if not total:
            continue
        out[i] = sum((v * values[j] for v, j in zip(e, js)), np.zeros(values.shape[1])) / total
        lse[i] = math.log2(total)
    return out, lse


def page_table(lengths, page_size, pool, seed):
    """kv_indptr, kv_indices, kv_last_page_len for sequences of these lengths; pages in random order."""
    order = torch.randperm(pool, generator=rng(seed)).tolist()
    indptr, indices, last = [0], [], []
    for n in lengths:
        count = -(-n // page_size)
        indices += [order.pop() for _ in range(count)]
        indptr.append(len(indices))
        last.append(0 if n == 0 else n - (count - 1) * page_size)
    to = lambda v: torch.tensor(v, dtype=I32)
    return to(indptr), to(indices), to(last)


def gather(cache, indptr, indices, b, length):
    rows = []
    for p in indices[indptr[b] : indptr[b + 1]].tolist():
        rows += [cache[p, t] for t in range(cache.shape[1])]
    return np.array([np64(r) for r in rows[:length]]).reshape(length, *cache.shape[2:])


E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]


def random_fp4(*shape, seed):
    """Packed bytes [..., n/2] and the float64 values [..., n] that they stand for."""
    codes = torch.randint(0, 16, shape, generator=rng(seed)).numpy()
    values = np.array(E2M1, dtype=np.float64)[codes % 8] * np.where(codes > 7, -1.0, 1.0)
    packed = (codes[..., 0::2] + 16 * codes[..., 1::2]).astype(np.uint8)
    return torch.from_numpy(packed).view(torch.int8), values


def fp8(*shape, seed, scale=1.0):
    return randn(*shape, seed=seed, dtype=F32, scale=scale).clamp(-2, 2).to(FP8)


def coverage(family):
    """The test that no reference of the family was left out. It runs last: tests run by name."""

    class Zz(unittest.TestCase):
        def test_every_reference_was_run(self):
            names = {(family, name) for name in references(family)}
            self.assertEqual(names - RUN, set())
            files = (PLUGINS / family / "reference").rglob("*.py*")
            self.assertEqual(set(files) - USED, set())

        def test_no_functional(self):
            for name in references(family):
                self.assertNotIn("functional", text_of(family, name), name)

    return Zz
