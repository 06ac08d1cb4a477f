#!/usr/bin/env python3
"""The reference of quantization against a search over all e4m3 values; see ../reference_test.py."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from reference_test import BF16, F16, F32, FP8, close, coverage, load, np, np64, randn, torch  # noqa: E402

Zz = coverage("quantization")

# All finite values of e4m3: mantissas of three bits, exponents from -6, and those below.
VALUES = sorted({s * m / 8 * 2.0**e for s in (-1, 1) for e in range(-6, 9) for m in range(8, 16)}
                | {s * m / 8 * 2.0**-6 for s in (-1, 1) for m in range(8)})  # fmt: skip
VALUES = np.array([v for v in VALUES if abs(v) <= 448])


def nearest(x):
    """The distance of each element of x to the e4m3 value that is nearest to it."""
    return np.abs(x[..., None] - VALUES).min(axis=-1)


class Groups(unittest.TestCase):
    def test_all(self):
        for dtype in (BF16, F16):
            for group in (16, 128):
                run = load("quantization", "per_token_group_quant_fp8", GROUP_SIZE=group)
                for rows, groups in ((1, 1), (5, 3), (0, 2)):
                    x = randn(rows, groups * group, seed=3, dtype=dtype, scale=2)
                    q, s = run(x)
                    self.assertEqual((q.dtype, s.dtype), (FP8, F32))
                    self.assertEqual(tuple(s.shape), (rows, groups))
                    parts = np64(x).reshape(rows, groups, group)
                    largest = np.abs(parts).max(axis=2, initial=1e-10)
                    close(self, s, largest / 448, 1e-6)
                    scaled = parts * (448 / largest)[..., None]
                    got = np64(q).reshape(rows, groups, group)
                    self.assertTrue(
                        np.allclose(np.abs(got - scaled), nearest(scaled), rtol=1e-4, atol=1e-4)
                    )

    def test_zeros_and_the_greatest(self):
        run = load("quantization", "per_token_group_quant_fp8", GROUP_SIZE=16)
        x = torch.zeros(2, 16, dtype=BF16)
        x[1, 3] = -5.0
        q, s = run(x)
        self.assertEqual(q[0].float().abs().max().item(), 0.0)
        self.assertAlmostEqual(s[0, 0].item() * 448, 1e-10, delta=1e-15)
        self.assertEqual(q[1, 3].item(), -448.0)
        self.assertAlmostEqual(s[1, 0].item(), 5 / 448, delta=1e-8)


if __name__ == "__main__":
    unittest.main()
