#!/usr/bin/env python3
"""The reference of activation against float64 formulas of its own; see ../reference_test.py."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from reference_test import BF16, F16, close, coverage, load, np, np64, randn, torch  # noqa: E402

Zz = coverage("activation")

FORMULAS = {
    "silu": lambda x: x / (1 + math.exp(-x)),
    "gelu": lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
    "gelu_tanh": lambda x: x / (1 + math.exp(-2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
}


class Activations(unittest.TestCase):
    def test_all(self):
        for function, f in FORMULAS.items():
            run = load("activation", "act_and_mul", FUNCTION=repr(function))
            for dtype in (BF16, F16):
                for rows, width in ((1, 8), (5, 96), (0, 16)):
                    x = randn(rows, width, seed=1, dtype=dtype, scale=3)
                    y = run(x)
                    self.assertEqual(y.dtype, dtype)
                    gate, up = np.split(np64(x), 2, axis=1)
                    want = np.vectorize(f, otypes=[float])(gate) * up
                    close(self, y, want, 4e-3)

    def test_it_is_what_torch_computes(self):
        x = randn(7, 64, seed=2)
        gate, up = x.float().chunk(2, dim=1)
        functional = torch.nn.functional
        for function, want in (
            ("silu", functional.silu(gate)),
            ("gelu", functional.gelu(gate)),
            ("gelu_tanh", functional.gelu(gate, approximate="tanh")),
        ):
            got = load("activation", "act_and_mul", FUNCTION=repr(function))(x)
            self.assertTrue(torch.allclose(got.float(), (want * up).to(BF16).float(), rtol=2**-7))

    def test_great_magnitudes(self):
        x = torch.tensor([[-200.0, 200.0, 3.0, -4.0]], dtype=BF16)
        for function in FORMULAS:
            y = load("activation", "act_and_mul", FUNCTION=repr(function))(x)
            self.assertEqual(y.tolist(), [[0.0, -800.0]])


if __name__ == "__main__":
    unittest.main()
