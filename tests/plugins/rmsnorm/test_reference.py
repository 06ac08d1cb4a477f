#!/usr/bin/env python3
"""The references of rmsnorm against float64 formulas of their own; see ../reference_test.py."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from reference_test import BF16, close, coverage, load, np, np64, randn  # noqa: E402

Zz = coverage("rmsnorm")


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


if __name__ == "__main__":
    unittest.main()
