"""The rope family: definitions of a checkpoint, and the reference against a formula."""

import pathlib
import sys

sys.path.insert(0, sys.argv[4])
from kdex_testing import Family, main  # noqa: E402


# [test]
class Rope(Family):
    name = "rope"
    expected = {
        "meta-llama--Llama-3.1-8B": ["rope_h32_kv8_d128_rd128_neox"],
        "Qwen--Qwen3-30B-A3B": ["rope_h32_kv4_d128_rd128_neox"],
    }

    def check_reference(self, torch):
        """A turn by an angle is a product of complex numbers."""
        file = pathlib.Path(__file__).parent / "rope.py"
        for neox in (True, False):
            q, k = torch.randn(5, 4, 16), torch.randn(5, 2, 16)
            angles = torch.randn(9, 4, dtype=torch.float64)
            table = torch.cat([angles.cos(), angles.sin()], dim=1).float()
            positions = torch.tensor([0, 8, 3, 3, 1])
            got = self.reference(file, NEOX=neox)(q, k, table, positions)
            for name, x, y in zip("qk", (q, k), got):
                part = x[..., :8].double()
                pairs = part.unflatten(-1, (2, 4)) if neox else part.unflatten(-1, (4, 2)).mT
                turned = torch.complex(pairs[..., 0, :], pairs[..., 1, :]) * torch.polar(
                    torch.ones_like(angles), angles
                )[positions].unsqueeze(1)
                pairs = torch.stack([turned.real, turned.imag], dim=-2 if neox else -1)
                want = torch.cat([pairs.flatten(-2), x[..., 8:].double()], dim=-1)
                self.close(y, want, f"{name}, neox {neox}", 1e-6)


# [test]

main(Rope)
