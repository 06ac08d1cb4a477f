# Utilities.
from torch.utils import (
    _contextlib,
    _python_dispatch,
    _pytree,
    _triton,
    backend_registration,
    checkpoint,
    cpp_extension,
    data,
    dlpack,
    hooks,
)  # noqa: F401
from torch.utils import (
    benchmark,
    collect_env,
    flop_counter,
    mobile_optimizer,
    model_zoo,
    serialization,
    tensorboard,
    weak,
    _device,
)  # noqa: F401
from torch.utils.backend_registration import (
    generate_methods_for_privateuse1_backend,
    rename_privateuse1_backend,
)  # noqa: F401


class ThroughputBenchmark:
    pass


def set_module(obj, mod):
    obj.__module__ = mod


def swap_tensors(t1, t2):
    t1.__dict__, t2.__dict__ = t2.__dict__, t1.__dict__


def __getattr__(name):
    return _real("torch.utils", name)


from torch._real import attribute as _real  # noqa: E402
