# Special functions: shapes only.
from torch._functions import (
    digamma,
    erf,
    erfc,
    erfinv,
    exp2,
    expm1,
    log1p,
    log_softmax,
    logit,
    logsumexp,
    round,
    softmax,
)  # noqa: F401
from torch._functions import sigmoid as expit, xlogy  # noqa: F401


def __getattr__(name):
    return _real("torch.special", name)


from torch._real import attribute as _real  # noqa: E402
