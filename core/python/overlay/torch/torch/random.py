# Random state.
from torch._state import get_rng_state, initial_seed, manual_seed, seed, set_rng_state  # noqa: F401
from torch._state import no_grad


class fork_rng(no_grad):
    def __init__(self, *args, **kwargs):
        self._saved = []

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None
