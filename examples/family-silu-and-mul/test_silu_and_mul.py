"""The silu_and_mul family: definitions of what steps launch, and the reference against torch's."""

import pathlib
import sys

sys.path.insert(0, sys.argv[4])
from kdex_testing import Family, main  # noqa: E402


# [test]
class SiluAndMul(Family):
    name = "silu_and_mul"
    expected = {
        "meta-llama--Llama-3.1-8B": ["silu_and_mul_w14336"],
        "meta-llama--Llama-3.2-3B": ["silu_and_mul_w8192"],
    }

    def check_reference(self, torch):
        x = torch.randn(5, 32)
        got = self.reference(pathlib.Path(__file__).parent / "silu_and_mul.py")(x)
        gate, up = x.double().chunk(2, dim=-1)
        self.close(got, torch.nn.functional.silu(gate) * up, "silu_and_mul", 1e-6)


# [test]

main(SiluAndMul)
