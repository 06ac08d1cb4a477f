#!/usr/bin/env python3
"""The references of mla against float64 formulas of their own; see ../reference_test.py."""

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
    rng,
    softmax_attention,
    torch,
)  # noqa: E402

Zz = coverage("mla")


class Mla(unittest.TestCase):
    H, C, R = 3, 24, 8

    def paged(
        self,
        prefill,
        page_size,
        name,
        extra=(),
        whole=False,
        limits=None,
        queries=BF16,
        cache=BF16,
        factors=(),
    ):
        """limits: window and cap of a reference that has both; factors: of the cache as keys and as values."""
        kv_lens = (
            [page_size * n for n in (0, 1, 3)] if whole else [0, 1, page_size, 2 * page_size + 1]
        )
        q_lens = (
            [0, 1, 2 if page_size > 1 else 1] + ([] if whole else [2])
            if prefill
            else [1] * len(kv_lens)
        )
        indptr, indices, last = page_table(kv_lens, page_size, 20, 3)
        ckv = randn(20, page_size, self.C, seed=1, dtype=cache)
        kpe = randn(20, page_size, self.R, seed=2, dtype=cache)
        total = sum(q_lens)
        qn = randn(total, self.H, self.C, seed=4, dtype=queries)
        qp = randn(total, self.H, self.R, seed=5, dtype=queries)
        window, cap = limits or (-1, 0.0)
        constants = {"WINDOW_LEFT": window, "LOGIT_CAP": cap} if limits else {}
        if factors:
            constants["OUTPUT"] = "torch.bfloat16"
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
        o, l = load("mla", name, **constants)(*args, 0.2, *factors, *extra)
        self.assertEqual((o.dtype, l.dtype), (BF16, F32))
        wo, wl, at = np.zeros(qn.shape), np.full(qn.shape[:2], -np.inf), 0
        for b, (nq, nk) in enumerate(zip(q_lens, kv_lens)):
            c, r = gather(ckv, indptr, indices, b, nk), gather(kpe, indptr, indices, b, nk)
            of_keys, of_values = factors or (1.0, 1.0)
            for h in range(self.H):
                a, e = np64(qn)[at : at + nq, h], np64(qp)[at : at + nq, h]
                s = np.array(
                    [
                        [
                            0.2 * of_keys * (np.dot(a[i], c[j]) + np.dot(e[i], r[j]))
                            for j in range(nk)
                        ]
                        for i in range(nq)
                    ]
                )
                s = cap * np.tanh(s / cap) if cap else s
                wo[at : at + nq, h], wl[at : at + nq, h] = softmax_attention(
                    s.reshape(nq, nk),
                    c.reshape(nk, self.C) * of_values,
                    window,
                    [nk - nq + i for i in range(nq)],
                )
            at += nq
        close(self, o, wo, 6e-3)
        close(self, l, wl, 1e-5)

    def test_paged(self):
        self.paged(False, 1, "paged_decode_ps1")
        self.paged(False, 4, "paged_decode_last_page")
        self.paged(True, 1, "paged_prefill_ps1")
        self.paged(True, 4, "paged_prefill_last_page")
        self.paged(False, 4, "paged_decode_fi_trace", (0,), True)
        self.paged(True, 4, "paged_prefill_fi_trace", (0,), True)

    def test_limits(self):
        for limits in ((-1, 0.0), (1, 0.0), (-1, 0.5), (2, 0.5)):
            for prefill in (False, True):
                name = "paged_prefill" if prefill else "paged_decode"
                self.paged(prefill, 1, f"{name}_ps1_limited", limits=limits)
                self.paged(prefill, 4, f"{name}_last_page_limited", limits=limits)

    def test_fp8_cache(self):
        for queries, limits in ((BF16, (-1, 0.0)), (FP8, (2, 0.5))):
            for prefill in (False, True):
                name = "paged_prefill" if prefill else "paged_decode"
                more = dict(limits=limits, queries=queries, cache=FP8, factors=(0.75, 1.5))
                self.paged(prefill, 1, f"{name}_ps1_limited_fp8", **more)
                self.paged(prefill, 4, f"{name}_last_page_limited_fp8", **more)

    def ragged(self, name, window=-1, cap=0.0, **constants):
        ql, kl = [2, 0, 3], [5, 0, 3]
        q, k, v = randn(5, 3, 12, seed=1), randn(8, 3, 12, seed=2), randn(8, 3, 7, seed=3)
        qi, ki = [0, 2, 2, 5], [0, 5, 5, 8]
        to = lambda a: torch.tensor(a, dtype=I32)
        o, l = load("mla", name, **constants)(q, k, v, to(qi), to(ki), 0.25)
        self.assertEqual(tuple(o.shape), (5, 3, 7))
        wo, wl = np.zeros((5, 3, 7)), np.zeros((5, 3))
        for b in range(3):
            for h in range(3):
                s = 0.25 * np64(q)[qi[b] : qi[b + 1], h] @ np64(k)[ki[b] : ki[b + 1], h].T
                s = cap * np.tanh(s / cap) if cap else s
                wo[qi[b] : qi[b + 1], h], wl[qi[b] : qi[b + 1], h] = softmax_attention(
                    s,
                    np64(v)[ki[b] : ki[b + 1], h],
                    window,
                    [kl[b] - ql[b] + i for i in range(ql[b])],
                )
        close(self, o, wo, 6e-3)
        close(self, l, wl, 1e-5)

    def test_ragged(self):
        self.ragged("ragged_prefill")
        for window, cap in ((-1, 0.0), (1, 0.0), (2, 0.5)):
            more = dict(WINDOW_LEFT=window, LOGIT_CAP=cap)
            self.ragged("ragged_prefill_limited", window, cap, **more)


if __name__ == "__main__":
    unittest.main()
