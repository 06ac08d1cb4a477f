#!/usr/bin/env python3
"""The reference of rotary against products of complex numbers; see ../reference_test.py."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from reference_test import BF16, F16, F32, close, coverage, load, np, np64, randn, rng, torch  # noqa: E402

Zz = coverage("rotary")


class Rotary(unittest.TestCase):
    def turned(self, x, angles, rotary, neox):
        out = x.copy()
        half = rotary // 2
        for i in range(half):
            a, b = (i, i + half) if neox else (2 * i, 2 * i + 1)
            z = (x[:, :, a] + 1j * x[:, :, b]) * np.exp(1j * angles[:, None, i])
            out[:, :, a], out[:, :, b] = z.real, z.imag
        return out

    def test_all(self):
        for neox in (True, False):
            run = load("rotary", "rope_with_cos_sin_cache", IS_NEOX=neox)
            for dtype in (BF16, F16):
                for tokens, head, rotary in ((1, 8, 8), (5, 16, 8), (0, 8, 4), (3, 6, 2)):
                    q = randn(tokens, 3, head, seed=1, dtype=dtype)
                    k = randn(tokens, 2, head, seed=2, dtype=dtype)
                    angles = randn(11, rotary // 2, seed=3, dtype=F32, scale=4)
                    table = torch.cat([angles.cos(), angles.sin()], dim=1)
                    at = torch.randint(0, 11, (tokens,), generator=rng(4))
                    before = q.clone()
                    got = run(q, k, table, at)
                    self.assertTrue(torch.equal(q, before), "an input was written")
                    for y, x in zip(got, (q, k)):
                        self.assertEqual(y.dtype, dtype)
                        want = self.turned(np64(x), np64(angles[at]), rotary, neox)
                        close(self, y, want, 4e-3)


if __name__ == "__main__":
    unittest.main()
