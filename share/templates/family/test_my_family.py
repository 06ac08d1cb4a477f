"""The family my_family: definitions of a checkpoint, and the reference against a formula."""

import pathlib
import sys

sys.path.insert(0, sys.argv[4])
from kdex_testing import Family, main  # noqa: E402


class MyFamily(Family):
    name = "my_family"
    # Checkpoints (of kdex's examples, or paths) and the names of the definitions that you expect.
    expected = {"meta-llama--Llama-3.1-8B": ["my_family_i14336"]}

    def check_reference(self, torch):
        run = self.reference(pathlib.Path(__file__).parent / "my_family.py")
        x = torch.randn(3, 10)
        want = torch.nn.functional.silu(x[:, :5].double()) * x[:, 5:].double()
        self.close(run(x), want, "the reference", 1e-6)


main(MyFamily)
