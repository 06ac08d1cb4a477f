#!/usr/bin/env python3
"""The references of moe against float64 formulas of their own; see ../reference_test.py."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from reference_test import (
    BF16,
    F32,
    FP8,
    I32,
    close,
    coverage,
    fp8,
    load,
    np,
    np64,
    randn,
    random_fp4,
    rng,
    torch,
)  # noqa: E402

Zz = coverage("moe")


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
                y = load("moe", "fp8_block_ds_ep", **c)(self.logits(), bias, *args, offset, 1.5)
                close(self, y, want, 6e-3)
                x, sx, w1, s1, w2, s2 = args
                one, none, far = torch.ones(rows), torch.zeros(rows), torch.full((rows,), math.inf)
                y = load("moe", "fi_trace_fp8_block_ds_clamped", **c)(
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
                    y = load("moe", "fi_trace_fp8_block_ds_clamped_shared", **c)(
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
        close(self, load("moe", "fp8_block_routed_ep")(ids, weights, *args, 4), want, 6e-3)

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


if __name__ == "__main__":
    unittest.main()
