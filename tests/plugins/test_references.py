#!/usr/bin/env python3
"""Every reference of plugins/*/reference against a float64 formula of its own, element by element.

usage: test_references.py [-v]     needs torch (CPU) and numpy; says so and exits 77 where they are not

The formulas below are written from the mathematics with plain loops over sequences, heads and
experts in numpy's float64; they share no code with the references.
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
USED = set()  # references and their parts
BF16, F16, F32, FP8, I32 = (
    torch.bfloat16,
    torch.float16,
    torch.float32,
    torch.float8_e4m3fn,
    torch.int32,
)


def load(family, name, **constants):
    """The reference's `run`, with its marked constants set."""
    path = PLUGINS / family / "reference" / f"{name}.py"
    USED.add(path)
    text, left = path.read_text(), dict(constants)

    def include(match):
        part = path.parent / match[1]
        USED.add(part)
        return part.read_text().rstrip("\n")

    text = re.sub(r"^# kdex:include (.+)$", include, text, flags=re.M)

    def put(match):
        return f"{match[1]} = {left.pop(match[1])}" if match[1] in left else match[0]

    text = re.sub(r"^(\w+) = .*# kdex:constant$", put, text, flags=re.M)
    assert not left, left
    space = {}
    exec(compile(text, str(path), "exec"), space)
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


class Norms(unittest.TestCase):
    def formula(self, x, w, eps, offset):
        y = np.empty_like(x)
        for i, row in enumerate(x):
            y[i] = row * (np.mean(row**2) + eps) ** -0.5 * (w + offset)
        return y

    def test_all(self):
        for offset in (0.0, 1.0):
            for eps in (1e-6, 1e-2):
                for rows, width in ((1, 8), (5, 96), (0, 16)):
                    x, r, w = (
                        randn(rows, width, seed=1, scale=0.05),
                        randn(rows, width, seed=2),
                        randn(width, seed=3),
                    )
                    c = {"EPS": eps, "WEIGHT_OFFSET": offset}
                    y = load("rmsnorm", "rmsnorm", **c)(x, w)
                    self.assertEqual(y.dtype, BF16)
                    s = np64(x) + np64(r)
                    close(self, y, self.formula(np64(x), np64(w), eps, offset), 4e-3)
                    y = load("rmsnorm", "fused_add_rmsnorm", **c)(x, r, w)
                    close(self, y, self.formula(s, np64(w), eps, offset), 4e-3)
                    y, res = load("rmsnorm", "fused_add_rmsnorm_residual", **c)(x, r, w)
                    close(self, y, self.formula(s, np64(w), eps, offset), 4e-3)
                    close(self, res, s, 4e-3)


def softmax_attention(scores, values, window, positions):
    """One head: scores [nq, nk] -> output [nq, dv], lse [nq] in base 2."""
    out = np.zeros((scores.shape[0], values.shape[1]))
    lse = np.full(scores.shape[0], -np.inf)
    for i, p in enumerate(positions):
        js = [j for j in range(scores.shape[1]) if j <= p and (window < 0 or j >= p - window)]
        if not js:
            continue
        e = [math.exp(scores[i, j]) for j in js]
        total = math.fsum(e)
        out[i] = sum(v * values[j] for v, j in zip(e, js)) / total
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


class Gqa(unittest.TestCase):
    HQ, HK, D = 6, 2, 16

    def one(self, q, k, v, positions, scale, window, cap):
        out, lse = np.zeros(q.shape), np.full(q.shape[:2], -np.inf)
        for h in range(self.HQ):
            g = h // (self.HQ // self.HK)
            s = (
                np.einsum("id,jd->ij", q[:, h], k[:, g]) * scale
                if len(k)
                else np.zeros((len(q), 0))
            )
            s = cap * np.tanh(s / cap) if cap else s
            out[:, h], lse[:, h] = softmax_attention(
                s, v[:, g].reshape(len(k), self.D), window, positions
            )
        return out, lse

    def paged(self, prefill, page_size, name, extra=(), whole_pages=False, window=-1, cap=0.0):
        # empty, one token, a page boundary, one beyond it, longer
        kv_lens = [0, 1, page_size, page_size + 1, 3 * page_size + 2]
        if whole_pages:
            kv_lens = [page_size * n for n in (0, 1, 2, 1, 4)]
        q_lens = [0, 1, min(2, page_size), 1, kv_lens[4] - 1] if prefill else [1] * 5
        pool = 40
        indptr, indices, last = page_table(kv_lens, page_size, pool, 5)
        kc, vc = (
            randn(pool, page_size, self.HK, self.D, seed=6),
            randn(pool, page_size, self.HK, self.D, seed=7),
        )
        total = sum(q_lens)
        q, scale = randn(total, self.HQ, self.D, seed=8, scale=2.0), 1 / math.sqrt(self.D)
        args = [q, kc, vc]
        if prefill:
            args.append(torch.tensor(np.concatenate([[0], np.cumsum(q_lens)]), dtype=I32))
        args += [indptr, indices]
        if page_size > 1 and not whole_pages:
            args.append(last)
        o, l = load("gqa", name, WINDOW_LEFT=window, LOGIT_CAP=cap)(*args, scale, *extra)
        self.assertEqual((o.dtype, l.dtype), (BF16, F32))
        want_o, want_l, at = np.zeros(q.shape), np.full(q.shape[:2], -np.inf), 0
        for b, (nq, nk) in enumerate(zip(q_lens, kv_lens)):
            k, v = gather(kc, indptr, indices, b, nk), gather(vc, indptr, indices, b, nk)
            where = slice(at, at + nq)
            want_o[where], want_l[where] = self.one(
                np64(q)[where], k, v, [nk - nq + i for i in range(nq)], scale, window, cap
            )
            at += nq
        close(self, o, want_o, 6e-3)
        close(self, l, want_l, 1e-5)

    def test_paged(self):
        for window, cap in ((-1, 0.0), (2, 0.0), (-1, 5.0)):
            self.paged(False, 1, "paged_decode_ps1", window=window, cap=cap)
            self.paged(False, 4, "paged_decode", window=window, cap=cap)
            self.paged(True, 1, "paged_prefill_ps1", window=window, cap=cap)
            self.paged(True, 4, "paged_prefill", window=window, cap=cap)

    def test_fi_trace(self):
        self.paged(False, 4, "fi_trace_paged_decode", extra=(1,), whole_pages=True)
        self.paged(True, 4, "fi_trace_paged_prefill", extra=(1,), whole_pages=True)

    def test_ragged(self):
        for name, extra in (("ragged_prefill", ()), ("fi_trace_ragged", (1,))):
            q_lens, kv_lens = [3, 0, 1, 2], [3, 2, 5, 7]
            q = randn(6, self.HQ, self.D, seed=1)
            k, v = randn(17, self.HK, self.D, seed=2), randn(17, self.HK, self.D, seed=3)
            qi, ki = (
                np.concatenate([[0], np.cumsum(q_lens)]),
                np.concatenate([[0], np.cumsum(kv_lens)]),
            )
            to = lambda a: torch.tensor(a, dtype=I32)
            o, l = load("gqa", name)(q, k, v, to(qi), to(ki), 0.3, *extra)
            wo, wl = np.zeros(q.shape), np.zeros(q.shape[:2])
            for b in range(4):
                n, m = q_lens[b], kv_lens[b]
                s, t = slice(qi[b], qi[b + 1]), slice(ki[b], ki[b + 1])
                wo[s], wl[s] = self.one(
                    np64(q)[s], np64(k)[t], np64(v)[t], [m - n + i for i in range(n)], 0.3, -1, 0
                )
            close(self, o, wo, 6e-3)
            close(self, l, wl, 1e-5)


class Mla(unittest.TestCase):
    H, C, R = 3, 24, 8

    def paged(self, prefill, page_size, name, extra=(), whole=False):
        kv_lens = (
            [page_size * n for n in (0, 1, 3)] if whole else [0, 1, page_size, 2 * page_size + 1]
        )
        q_lens = (
            [0, 1, 2 if page_size > 1 else 1] + ([] if whole else [2])
            if prefill
            else [1] * len(kv_lens)
        )
        indptr, indices, last = page_table(kv_lens, page_size, 20, 3)
        ckv, kpe = randn(20, page_size, self.C, seed=1), randn(20, page_size, self.R, seed=2)
        total = sum(q_lens)
        qn, qp = randn(total, self.H, self.C, seed=4), randn(total, self.H, self.R, seed=5)
        args = [qn, qp, ckv, kpe]
        if prefill:
            args.append(torch.tensor(np.concatenate([[0], np.cumsum(q_lens)]), dtype=I32))
        args += [indptr, indices] + ([last] if page_size > 1 and not whole else [])
        groups = 3
        if (
            extra
        ):  # the scales of a quantized cache: of the latent, of its groups, of the rotary part
            by_group = torch.rand(20, page_size, groups, generator=rng(9)) + 0.5
            extra = (1.5, by_group, 0.75, *extra)
            ckv = (
                ckv.to(torch.float64)
                * np.repeat(by_group.numpy(), self.C // groups, axis=2).astype(np.float64)
                * 1.5
            )
            kpe = kpe.to(torch.float64) * 0.75
        o, l = load("mla", name)(*args, 0.2, *extra)
        self.assertEqual((o.dtype, l.dtype), (BF16, F32))
        wo, wl, at = np.zeros(qn.shape), np.full(qn.shape[:2], -np.inf), 0
        for b, (nq, nk) in enumerate(zip(q_lens, kv_lens)):
            c, r = gather(ckv, indptr, indices, b, nk), gather(kpe, indptr, indices, b, nk)
            for h in range(self.H):
                a, e = np64(qn)[at : at + nq, h], np64(qp)[at : at + nq, h]
                s = np.array(
                    [
                        [0.2 * (np.dot(a[i], c[j]) + np.dot(e[i], r[j])) for j in range(nk)]
                        for i in range(nq)
                    ]
                )
                wo[at : at + nq, h], wl[at : at + nq, h] = softmax_attention(
                    s.reshape(nq, nk), c.reshape(nk, self.C), -1, [nk - nq + i for i in range(nq)]
                )
            at += nq
        close(self, o, wo, 6e-3)
        close(self, l, wl, 1e-5)

    def test_paged(self):
        self.paged(False, 1, "paged_decode_ps1")
        self.paged(False, 4, "paged_decode")
        self.paged(True, 1, "paged_prefill_ps1")
        self.paged(True, 4, "paged_prefill")
        self.paged(False, 4, "fi_trace_paged_decode", (0,), True)
        self.paged(True, 4, "fi_trace_paged_prefill", (0,), True)

    def test_ragged(self):
        ql, kl = [2, 0, 3], [5, 0, 3]
        q, k, v = randn(5, 3, 12, seed=1), randn(8, 3, 12, seed=2), randn(8, 3, 7, seed=3)
        qi, ki = [0, 2, 2, 5], [0, 5, 5, 8]
        to = lambda a: torch.tensor(a, dtype=I32)
        o, l = load("mla", "ragged_prefill")(q, k, v, to(qi), to(ki), 0.25)
        self.assertEqual(tuple(o.shape), (5, 3, 7))
        wo, wl = np.zeros((5, 3, 7)), np.zeros((5, 3))
        for b in range(3):
            for h in range(3):
                s = 0.25 * np64(q)[qi[b] : qi[b + 1], h] @ np64(k)[ki[b] : ki[b + 1], h].T
                wo[qi[b] : qi[b + 1], h], wl[qi[b] : qi[b + 1], h] = softmax_attention(
                    s, np64(v)[ki[b] : ki[b + 1], h], -1, [kl[b] - ql[b] + i for i in range(ql[b])]
                )
        close(self, o, wo, 6e-3)
        close(self, l, wl, 1e-5)


E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]


def random_fp4(*shape, seed):
    """Packed bytes [..., n/2] and the float64 values [..., n] that they stand for."""
    codes = torch.randint(0, 16, shape, generator=rng(seed)).numpy()
    values = np.array(E2M1, dtype=np.float64)[codes % 8] * np.where(codes > 7, -1.0, 1.0)
    packed = (codes[..., 0::2] + 16 * codes[..., 1::2]).astype(np.uint8)
    return torch.from_numpy(packed).view(torch.int8), values


def fp8(*shape, seed, scale=1.0):
    return randn(*shape, seed=seed, dtype=F32, scale=scale).clamp(-2, 2).to(FP8)


class Gemm(unittest.TestCase):
    def test_float(self):
        for dtype, tolerance in ((F16, 1e-3), (BF16, 4e-3), (F32, 1e-5)):
            a, b = randn(3, 40, seed=1, dtype=dtype), randn(17, 40, seed=2, dtype=dtype)
            want = np.array([[math.fsum(x * y) for y in np64(b)] for x in np64(a)])
            c = load("gemm", "gemm")(a, b)
            self.assertEqual(c.dtype, dtype)
            close(self, c, want, tolerance)
            close(self, load("gemm", "gemm_kn")(a, b.T.contiguous()), want, tolerance)

    def test_fp8_block(self):
        m, n, k = 3, 130, 300
        a, b = fp8(m, k, seed=1), fp8(n, k, seed=2)
        sa, sb = torch.rand(m, 3, generator=rng(3)) + 0.1, torch.rand(2, 3, generator=rng(4)) + 0.1
        want = np.zeros((m, n))
        for i in range(m):
            for j in range(n):
                want[i, j] = sum(
                    np64(a)[i, c0 : c0 + 128]
                    @ np64(b)[j, c0 : c0 + 128]
                    * float(sa[i, c0 // 128])
                    * float(sb[j // 128, c0 // 128])
                    for c0 in range(0, k, 128)
                )
        close(
            self,
            load("gemm", "gemm_fp8_block", OUT_DTYPE="torch.bfloat16")(a, b, sa, sb),
            want,
            4e-3,
        )

    def test_fp8_tensor(self):
        a, w = fp8(4, 256, seed=1), fp8(9, 256, seed=2)
        blocks = torch.stack([w[:, 0:128], w[:, 128:256]])
        c = load("gemm", "gemm_fp8_tensor")(a, blocks, 0.37)
        close(self, c, 0.37 * np64(a) @ np64(w).T, 4e-3)

    def test_nvfp4(self):
        pa, a = random_fp4(3, 64, seed=1)
        pb, b = random_fp4(10, 64, seed=2)
        sa, sb = (
            (torch.rand(3, 4, generator=rng(3)) + 0.5).to(FP8),
            (torch.rand(10, 4, generator=rng(4)) + 0.5).to(FP8),
        )
        want = 0.7 * (a * np.repeat(np64(sa), 16, 1)) @ (b * np.repeat(np64(sb), 16, 1)).T
        c = load("gemm", "gemm_nvfp4")(pa, pb.T.contiguous(), sa, sb.T.contiguous(), 0.7, 16)
        close(self, c, want, 4e-3)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def choose(values, k):
    return sorted(range(len(values)), key=lambda i: (-values[i], i))[:k]


def route_ds(logits, bias, k, groups, kept, factor):
    """Per token: {expert: weight}."""
    out = []
    for row in logits:
        s = [sigmoid(x) for x in row]
        b = [x + y for x, y in zip(s, bias)]
        size = len(s) // groups
        rank = choose([sum(sorted(b[g * size : (g + 1) * size])[-2:]) for g in range(groups)], kept)
        allowed = (
            [e for e in range(len(s)) if e // size in rank] if groups > 1 else list(range(len(s)))
        )
        picked = sorted(allowed, key=lambda e: (-b[e], e))[:k]
        total = sum(s[e] for e in picked) + 1e-20
        out.append({e: s[e] / total * factor for e in picked})
    return out


def route_simple(logits, k, kind):
    out = []
    for row in logits:
        picked = choose(list(row), k)
        if kind == "renorm":
            e = [math.exp(row[i]) for i in picked]
            out.append({i: x / sum(e) for i, x in zip(picked, e)})
        elif kind == "default":
            total = sum(math.exp(x) for x in row)
            out.append({i: math.exp(row[i]) / total for i in picked})
        else:
            s = {i: sigmoid(row[i]) for i in picked}
            total = sum(s.values()) if kind == "sigmoid_renorm" else 1.0
            out.append({i: x / total for i, x in s.items()})
    return out


ACT = {
    "silu": lambda a: a * sigmoid(a),
    "gelu": lambda a: a * 0.5 * (1 + math.erf(a / math.sqrt(2))),
    "gelu_tanh": lambda a: (
        0.5 * a * (1 + math.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3)))
    ),
}


def experts(
    x, chosen, w1, w2, offset, act="silu", on_input=False, shared=0, s1=None, s1g=None, s2=None
):
    y = np.zeros((len(x), w2.shape[1]))
    inter = w2.shape[2]
    for t in range(len(x)):
        work = [(e - offset, w) for e, w in chosen[t].items() if 0 <= e - offset < len(w1) - shared]
        work += [(len(w1) - 1 - i, 1.0) for i in range(shared)]
        for row, w in work:
            is_shared = row >= len(w1) - shared
            g = w1[row] @ (x[t] * (w if on_input and not is_shared else 1.0))
            u, a = (
                g[:inter] * (1 if s1 is None else s1[row]),
                g[inter:] * (1 if s1g is None else s1g[row]),
            )
            h = np.array([ui * ACT[act](ai) for ui, ai in zip(u, a)])
            y[t] += (
                (w2[row] @ h)
                * (1 if s2 is None else s2[row])
                * (1.0 if on_input and not is_shared else w)
            )
    return y


class Moe(unittest.TestCase):
    T, E, K = 6, 8, 3

    def logits(self, dtype=F32, e=None):
        return randn(self.T, e or self.E, seed=11, dtype=dtype, scale=1.5)

    def test_half(self):
        h, i = 32, 16
        x = randn(self.T, h, seed=1)
        for rows, offset, shared in ((8, 0, 0), (4, 4, 0), (9, 0, 1), (5, 4, 1)):
            w1, w2 = randn(rows, 2 * i, h, seed=2, scale=0.3), randn(rows, h, i, seed=3, scale=0.3)
            for groups, kept in ((1, 1), (4, 2)):
                bias = randn(self.E, seed=4, scale=0.3)
                chosen = route_ds(np64(self.logits()), np64(bias), self.K, groups, kept, 2.5)
                y = load(
                    "moe", "half_ds", TOP_K=self.K, N_GROUP=groups, TOPK_GROUP=kept, SHARED=shared
                )(self.logits(), bias, x, w1, w2, offset, 2.5)
                self.assertEqual(y.dtype, BF16)
                close(
                    self,
                    y,
                    experts(np64(x), chosen, np64(w1), np64(w2), offset, shared=shared),
                    6e-3,
                )
        w1, w2 = randn(4, 2 * i, h, seed=2, scale=0.3), randn(4, h, i, seed=3, scale=0.3)
        for kind in ("renorm", "default", "sigmoid", "sigmoid_renorm", "llama4"):
            for act in ACT:
                chosen = route_simple(np64(self.logits(BF16)), self.K, kind)
                y = load(
                    "moe",
                    "half_simple",
                    TOP_K=self.K,
                    ROUTING=repr(kind),
                    ACTIVATION=repr(act),
                    WEIGHT_ON_INPUT=kind == "llama4",
                )(self.logits(BF16), x, w1, w2, 2)
                close(
                    self,
                    y,
                    experts(np64(x), chosen, np64(w1), np64(w2), 2, act, kind == "llama4"),
                    6e-3,
                )
        ids = torch.tensor([[0, 5], [2, 3], [7, 1], [3, 4], [5, 2], [6, 0]], dtype=I32)
        weights = torch.rand(6, 2, generator=rng(8))
        chosen = [dict(zip(r.tolist(), w.tolist())) for r, w in zip(ids, weights)]
        y = load("moe", "half_routed")(ids, weights, x, w1, w2, 2)
        close(self, y, experts(np64(x), chosen, np64(w1), np64(w2), 2), 6e-3)

    def fp8_case(self, rows):
        h, i = 256, 128
        x, sx = fp8(self.T, h, seed=1), torch.rand(h // 128, self.T, generator=rng(2)) + 0.5
        w1, s1 = (
            fp8(rows, 2 * i, h, seed=3, scale=0.2),
            torch.rand(rows, 2, 2, generator=rng(4)) + 0.5,
        )
        w2, s2 = fp8(rows, h, i, seed=5, scale=0.2), torch.rand(rows, 2, 1, generator=rng(6)) + 0.5
        big = lambda s: np.kron(np64(s), np.ones((128, 128)))
        real = (
            np64(x) * np.repeat(np64(sx).T, 128, axis=1),
            np.array([np64(w1[e]) * big(s1[e]) for e in range(rows)]),
            np.array([np64(w2[e]) * big(s2[e]) for e in range(rows)]),
        )
        return (x, sx, w1, s1, w2, s2), real

    def test_fp8_block(self):
        for rows, offset, shared in ((8, 0, 0), (4, 2, 0), (9, 0, 1)):
            args, real = self.fp8_case(rows)
            bias = randn(self.E, seed=4, scale=0.3)
            for groups, kept in ((1, 1), (4, 2)):
                chosen = route_ds(np64(self.logits()), np64(bias), self.K, groups, kept, 1.5)
                want = experts(*real[:1], chosen, *real[1:], offset, shared=shared)
                c = {"TOP_K": self.K, "N_GROUP": groups, "TOPK_GROUP": kept, "SHARED": shared}
                y = load("moe", "fp8_block_ds", **c)(self.logits(), bias, *args, offset, 1.5)
                close(self, y, want, 6e-3)
                x, sx, w1, s1, w2, s2 = args
                one, none, far = torch.ones(rows), torch.zeros(rows), torch.full((rows,), math.inf)
                y = load("moe", "fi_trace_fp8_block_ds", **c)(
                    self.logits(),
                    bias,
                    x,
                    sx,
                    w1,
                    s1,
                    one,
                    none,
                    far,
                    w2,
                    s2,
                    self.K,
                    groups,
                    kept,
                    offset,
                    1.5,
                )
                close(self, y, want, 6e-3)
                if shared:
                    y = load("moe", "fi_trace_fp8_block_ds_shared", **c)(
                        shared,
                        self.logits(),
                        bias,
                        x,
                        sx,
                        w1,
                        s1,
                        one,
                        none,
                        far,
                        w2,
                        s2,
                        self.K,
                        groups,
                        kept,
                        offset,
                        1.5,
                    )
                    close(self, y, want, 6e-3)
        args, real = self.fp8_case(8)
        chosen = route_simple(np64(self.logits(BF16)), self.K, "renorm")
        want = experts(real[0], chosen, *real[1:], 0)
        close(
            self,
            load("moe", "fp8_block_simple", TOP_K=self.K)(self.logits(BF16), *args),
            want,
            6e-3,
        )
        args, real = self.fp8_case(4)
        want = experts(real[0], chosen, *real[1:], 4)
        close(
            self,
            load("moe", "fp8_block_simple_ep", TOP_K=self.K)(self.logits(BF16), *args, 4),
            want,
            6e-3,
        )
        y = load("moe", "fi_trace_fp8_block_simple", TOP_K=self.K)(
            self.logits(BF16), torch.zeros(8), *args, self.K, 4, 1.0
        )
        close(self, y, want, 6e-3)
        ids = torch.tensor([list(c) for c in chosen], dtype=I32)
        weights = torch.tensor([list(c.values()) for c in chosen], dtype=F32)
        close(self, load("moe", "fp8_block_routed")(ids, weights, *args, 4), want, 6e-3)

    def test_fp8_tensor(self):
        h, i = 32, 16
        x, w1, w2 = (
            fp8(self.T, h, seed=1),
            fp8(8, 2 * i, h, seed=2, scale=0.3),
            fp8(8, h, i, seed=3, scale=0.3),
        )
        s = [torch.rand(8, generator=rng(4 + n)) + 0.5 for n in range(3)]
        for kind in ("renorm", "llama4"):
            chosen = route_simple(np64(self.logits(BF16)), self.K, kind)
            y = load(
                "moe",
                "fp8_tensor",
                TOP_K=self.K,
                ROUTING=repr(kind),
                WEIGHT_ON_INPUT=kind == "llama4",
            )(self.logits(BF16), x, w1, s[0], s[1], w2, s[2])
            want = experts(
                np64(x),
                chosen,
                np64(w1),
                np64(w2),
                0,
                on_input=kind == "llama4",
                s1=s[0].numpy(),
                s1g=s[1].numpy(),
                s2=s[2].numpy(),
            )
            close(self, y, want, 6e-3)

    def test_nvfp4(self):
        h, i = 64, 32
        px, x = random_fp4(self.T, h, seed=1)
        sx = (torch.rand(self.T, h // 16, generator=rng(2)) + 0.5).to(FP8)
        for rows, offset, shared in ((8, 0, 0), (4, 4, 0), (9, 0, 1)):
            p1, w1 = random_fp4(rows, 2 * i, h, seed=3)
            p2, w2 = random_fp4(rows, h, i, seed=4)
            q1 = (torch.rand(rows, 2 * i, h // 16, generator=rng(5)) * 0.1 + 0.05).to(FP8)
            q2 = (torch.rand(rows, h, i // 16, generator=rng(6)) * 0.1 + 0.05).to(FP8)
            s = [torch.rand(rows, generator=rng(7 + n)) + 0.5 for n in range(3)]
            real = [v * np.repeat(np64(q), 16, axis=-1) for v, q in ((x, sx), (w1, q1), (w2, q2))]
            kw = dict(zip(("s1", "s1g", "s2"), (v.numpy() for v in s)))
            bias = randn(self.E, seed=4, scale=0.3)
            chosen = route_ds(np64(self.logits()), np64(bias), self.K, 4, 2, 2.0)
            y = load("moe", "nvfp4_ds", TOP_K=self.K, N_GROUP=4, TOPK_GROUP=2, SHARED=shared)(
                self.logits(), bias, px, sx, p1, q1, p2, q2, *s, offset, 2.0
            )
            close(self, y, experts(real[0], chosen, *real[1:], offset, shared=shared, **kw), 6e-3)
            if not shared:
                chosen = route_simple(np64(self.logits(BF16)), self.K, "renorm")
                y = load("moe", "nvfp4_simple", TOP_K=self.K)(
                    self.logits(BF16), px, sx, p1, q1, p2, q2, *s, offset
                )
                close(self, y, experts(real[0], chosen, *real[1:], offset, **kw), 6e-3)


class Zz(unittest.TestCase):
    def test_every_reference_was_run(self):
        self.assertEqual(set(PLUGINS.glob("*/reference/**/*.py")) - USED, set())

    def test_no_functional(self):
        for p in PLUGINS.glob("*/reference/**/*.py"):
            self.assertNotIn("functional", p.read_text(), p)


if __name__ == "__main__":
    unittest.main()
