#!/usr/bin/env python3
"""The references of gemm against float64 formulas of their own; see ../reference_test.py."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from reference_test import (
    BF16,
    F16,
    F32,
    FP8,
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

Zz = coverage("gemm")


class Gemm(unittest.TestCase):
    def test_float(self):
        for dtype, tolerance in ((F16, 1e-3), (BF16, 4e-3), (F32, 1e-5)):
            a, b = randn(3, 40, seed=1, dtype=dtype), randn(17, 40, seed=2, dtype=dtype)
            want = np.array([[math.fsum(x * y) for y in np64(b)] for x in np64(a)])
            c = load("gemm", "gemm")(a, b)
            self.assertEqual(c.dtype, dtype)
            close(self, c, want, tolerance)
            close(self, load("gemm", "gemm_kn")(a, b.T.contiguous()), want, tolerance)

    def test_batched(self):
        for dtype, tolerance in ((F16, 1e-3), (BF16, 4e-3)):
            a, b = randn(2, 3, 40, seed=1, dtype=dtype), randn(2, 17, 40, seed=2, dtype=dtype)
            want = np.array(
                [
                    [[math.fsum(x * y) for y in np64(b[i])] for x in np64(a[i])]
                    for i in range(len(a))
                ]
            )
            c = load("gemm", "bmm")(a, b)
            self.assertEqual(c.dtype, dtype)
            close(self, c, want, tolerance)
            close(self, load("gemm", "bmm_kn")(a, b.mT.contiguous()), want, tolerance)

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


if __name__ == "__main__":
    unittest.main()
