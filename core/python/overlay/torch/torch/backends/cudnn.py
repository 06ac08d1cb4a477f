# Switches of cuDNN.
from torch._platform import facts as _facts

enabled = True
benchmark = False
benchmark_limit = 10
deterministic = False
allow_tf32 = True
fp32_precision = "none"


def version():
    return _facts["cudnn_version"]


def is_available():
    return True


def is_acceptable(tensor):
    return tensor.is_cuda


class flags:
    def __init__(self, **kwargs):
        self.kwargs = kwargs

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


class _Part:
    fp32_precision = "none"


conv = _Part()
rnn = _Part()


def set_flags(*args, **kwargs):
    return None


def __getattr__(name):
    return _real("torch.backends.cudnn", name)


from torch._real import attribute as _real  # noqa: E402
