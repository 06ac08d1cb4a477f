# Global switches: gradient mode, threads, seeds, precision.
import functools

from torch._dtypes import bfloat16, float16, set_default_dtype

_state = {
    "grad": True,
    "inference": False,
    "precision": "highest",
    "threads": 16,
    "seed": 0,
    "deterministic": False,
}


class _Mode:
    """A context manager that is also a decorator."""

    _key = "grad"
    _value = False

    def __init__(self, *args):
        self._saved = []

    def __new__(cls, *args, **kwargs):
        # a bare decorator: @torch.no_grad
        if len(args) == 1 and callable(args[0]) and not isinstance(args[0], type(True)):
            return object.__new__(cls)(args[0])
        return object.__new__(cls)

    def __call__(self, function):
        if isinstance(function, type):
            return function
        mode = type(self)

        @functools.wraps(function)
        def inside(*args, **kwargs):
            with mode():
                return function(*args, **kwargs)

        return inside

    def __enter__(self):
        self._saved.append(_state[self._key])
        _state[self._key] = self._value
        return self

    def __exit__(self, *exc):
        _state[self._key] = self._saved.pop()

    def clone(self):
        return type(self)()


class no_grad(_Mode):
    pass


class enable_grad(_Mode):
    _value = True


class inference_mode(_Mode):
    _key = "inference"
    _value = True

    def __init__(self, mode=True):
        self._saved = []
        self._value = mode


class set_grad_enabled(_Mode):
    def __init__(self, mode):
        self._saved = [_state["grad"]]
        self._value = mode
        _state["grad"] = mode

    def __enter__(self):
        _state["grad"] = self._value

    def __call__(self, function):
        _state["grad"] = self._saved[-1]
        mode = self._value

        @functools.wraps(function)
        def inside(*args, **kwargs):
            with set_grad_enabled(mode):
                return function(*args, **kwargs)

        return inside


def is_grad_enabled():
    return _state["grad"] and not _state["inference"]


def is_inference_mode_enabled():
    return _state["inference"]


def get_num_threads():
    return _state["threads"]


def set_num_threads(n):
    _state["threads"] = n


get_num_interop_threads, set_num_interop_threads = get_num_threads, set_num_threads


def get_float32_matmul_precision():
    return _state["precision"]


def set_float32_matmul_precision(precision):
    _state["precision"] = precision


def manual_seed(seed):
    _state["seed"] = seed
    from torch._types import default_generator

    return default_generator


def seed():
    return _state["seed"]


initial_seed = seed


def get_rng_state():
    from torch._types import default_generator

    return default_generator.get_state()


def set_rng_state(new_state):
    return None


def set_printoptions(
    precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None
):
    return None


def set_default_tensor_type(t):
    set_default_dtype(t if not hasattr(t, "dtype_") else t.dtype_)


def use_deterministic_algorithms(mode, *, warn_only=False):
    _state["deterministic"] = mode


def are_deterministic_algorithms_enabled():
    return _state["deterministic"]


def is_deterministic_algorithms_warn_only_enabled():
    return False


def set_flush_denormal(mode):
    return True


def set_warn_always(b):
    return None


def is_autocast_enabled(device_type=None):
    return False


def set_autocast_enabled(*args):
    return None


def get_autocast_dtype(device_type):
    return bfloat16 if device_type == "cpu" else float16


def get_autocast_gpu_dtype():
    return float16


def is_autocast_cache_enabled():
    return True


def set_autocast_cache_enabled(enabled):
    return None


def get_device_module(device=None):
    import torch

    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    name = device if isinstance(device, str) else torch.device(device).type
    name = name.split(":")[0]
    module = getattr(torch, name, None)
    if module is None:
        raise RuntimeError(
            "Device '%s' does not have a corresponding module registered as 'torch.%s'."
            % (device, name)
        )
    return module
