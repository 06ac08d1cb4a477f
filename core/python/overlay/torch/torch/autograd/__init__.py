# Functions with their own backward: only the forward is run.
from torch._state import enable_grad, inference_mode, no_grad, set_grad_enabled
from torch.autograd import function, functional, grad_mode, graph, profiler
from torch.autograd.function import Function

Variable = None


def grad(outputs, inputs, *args, **kwargs):
    return tuple([None for _ in inputs])


def backward(*args, **kwargs):
    return None


def _profiler_enabled():
    return False


class detect_anomaly(no_grad):
    _key = "anomaly"

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None
