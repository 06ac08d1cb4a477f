# Mixed precision.
from torch._calls import autocast as _autocast


class autocast(_autocast):
    def __init__(self, enabled=True, dtype=None, cache_enabled=True):
        super().__init__("cuda", dtype, enabled)


class GradScaler:
    def __init__(self, *args, **kwargs):
        self.args = args


def custom_fwd(fwd=None, **kwargs):
    return fwd if fwd is not None else (lambda f: f)


custom_bwd = custom_fwd
