#!/usr/bin/env python3
"""The references of gqa against float64 formulas of their own; see ../reference_test.py."""

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
    gather,
    load,
    np,
    np64,
    page_table,
    randn,
    softmax_attention,
    torch,
)  # noqa: E402

Zz = coverage("gqa")


class Gqa(unittest.TestCase):
    HQ, HK, D = 6, 2, 16

    def one(self, q, k, v, positions, scale, window, cap, sinks=None):
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
                s,
                v[:, g].reshape(len(k), self.D),
                window,
                positions,
                None if sinks is None else sinks[h],
            )
        return out, lse

    def paged(
        self,
        prefill,
        page_size,
        name,
        extra=(),
        whole_pages=False,
        window=-1,
        cap=0.0,
        queries=BF16,
        cache=BF16,
        factors=(),
        sinks=None,
    ):
        """factors: of keys and values; sinks: a logit of each head."""
        # empty, one token, a page boundary, one beyond it, longer
        kv_lens = [0, 1, page_size, page_size + 1, 3 * page_size + 2]
        if whole_pages:
            kv_lens = [page_size * n for n in (0, 1, 2, 1, 4)]
        q_lens = [0, 1, min(2, page_size), 1, kv_lens[4] - 1] if prefill else [1] * 5
        pool = 40
        indptr, indices, last = page_table(kv_lens, page_size, pool, 5)
        kc, vc = (
            randn(pool, page_size, self.HK, self.D, seed=6, dtype=cache),
            randn(pool, page_size, self.HK, self.D, seed=7, dtype=cache),
        )
        total = sum(q_lens)
        q, scale = (
            randn(total, self.HQ, self.D, seed=8, dtype=queries, scale=2.0),
            1 / math.sqrt(self.D),
        )
        args = [q, kc, vc]
        if prefill:
            args.append(torch.tensor(np.concatenate([[0], np.cumsum(q_lens)]), dtype=I32))
        args += [indptr, indices]
        if page_size > 1 and not whole_pages:
            args.append(last)
        constants = {"OUTPUT": "torch.bfloat16"} if factors else {}
        run = load("gqa", name, WINDOW_LEFT=window, LOGIT_CAP=cap, **constants)
        o, l = run(*args, scale, *factors, *([] if sinks is None else [sinks]), *extra)
        self.assertEqual((o.dtype, l.dtype), (BF16, F32))
        want_o, want_l, at = np.zeros(q.shape), np.full(q.shape[:2], -np.inf), 0
        for b, (nq, nk) in enumerate(zip(q_lens, kv_lens)):
            k, v = (gather(x, indptr, indices, b, nk) for x in (kc, vc))
            if factors:
                k, v = k * factors[0], v * factors[1]
            where = slice(at, at + nq)
            want_o[where], want_l[where] = self.one(
                np64(q)[where],
                k,
                v,
                [nk - nq + i for i in range(nq)],
                scale,
                window,
                cap,
                None if sinks is None else np64(sinks),
            )
            at += nq
        close(self, o, want_o, 6e-3)
        close(self, l, want_l, 1e-5)

    def test_paged(self):
        for window, cap in ((-1, 0.0), (2, 0.0), (-1, 5.0)):
            self.paged(False, 1, "paged_decode_ps1", window=window, cap=cap)
            self.paged(False, 4, "paged_decode_last_page", window=window, cap=cap)
            self.paged(True, 1, "paged_prefill_ps1", window=window, cap=cap)
            self.paged(True, 4, "paged_prefill_last_page", window=window, cap=cap)

    def test_sinks(self):
        sinks = randn(self.HQ, seed=9, scale=3.0)
        for window, cap in ((-1, 0.0), (2, 5.0)):
            for prefill in (False, True):
                name = "paged_prefill" if prefill else "paged_decode"
                more = dict(window=window, cap=cap, sinks=sinks)
                self.paged(prefill, 1, f"{name}_ps1_sinks", **more)
                self.paged(prefill, 4, f"{name}_last_page_sinks", **more)
                more.update(factors=(0.75, 1.5), queries=FP8, cache=FP8)
                self.paged(prefill, 1, f"{name}_ps1_fp8_sinks", **more)
                self.paged(prefill, 4, f"{name}_last_page_fp8_sinks", **more)

    def test_sinks_far_above_the_logits(self):
        sinks = torch.full((self.HQ,), 300.0)
        q, k = randn(2, self.HQ, self.D), randn(5, self.HK, self.D)
        offsets = [torch.tensor([0, n], dtype=I32) for n in (2, 5)]
        o, l = load("gqa", "ragged_prefill_sinks")(q, k, k, *offsets, 0.3, sinks)
        self.assertTrue((o == 0).all())
        close(self, l, np.full((2, self.HQ), 300 / math.log(2)), 1e-6)

    def test_fp8_cache(self):
        for queries, cap in ((BF16, 0.0), (FP8, 5.0)):
            for prefill in (False, True):
                name = "paged_prefill" if prefill else "paged_decode"
                more = dict(factors=(0.75, 1.5), queries=queries, cache=FP8, cap=cap)
                self.paged(prefill, 1, f"{name}_ps1_fp8", **more)
                self.paged(prefill, 4, f"{name}_last_page_fp8", **more)

    def test_fi_trace(self):
        self.paged(False, 4, "paged_decode_fi_trace", extra=(1,), whole_pages=True)
        self.paged(True, 4, "paged_prefill_fi_trace", extra=(1,), whole_pages=True)

    def test_ragged(self):
        sinks = randn(self.HQ, seed=9)
        for name, extra in (
            ("ragged_prefill", ()),
            ("ragged_prefill_fi_trace", (1,)),
            ("ragged_prefill_sinks", (sinks,)),
        ):
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
                    np64(q)[s],
                    np64(k)[t],
                    np64(v)[t],
                    [m - n + i for i in range(n)],
                    0.3,
                    -1,
                    0,
                    np64(sinks) if "sinks" in name else None,
                )
            close(self, o, wo, 6e-3)
            close(self, l, wl, 1e-5)


if __name__ == "__main__":
    unittest.main()
