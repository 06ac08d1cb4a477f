# The compiled part's names that other packages touch.
from torch._device import Generator, device, layout, memory_format, qscheme  # noqa: F401
from torch._dtypes import dtype  # noqa: F401
from torch._storage import Size, UntypedStorage as StorageBase  # noqa: F401
from torch._tensor import Tensor as TensorBase  # noqa: F401
from torch._types import OutOfMemoryError, AcceleratorError, ScriptModule, Stream, Tag  # noqa: F401
from torch._state import inference_mode as _InferenceMode  # noqa: F401
from torch._C import _autograd, _distributed_c10d, _nn  # noqa: F401


class FunctionSchema:
    pass


class Graph:
    pass


class DispatchKey:
    CPU = "CPU"
    CUDA = "CUDA"
    Meta = "Meta"


class DisableTorchFunctionSubclass:
    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


DisableTorchFunction = DisableTorchFunctionSubclass


def _nothing(*args, **kwargs):
    return None


_cuda_beginAllocateCurrentThreadToPool = _cuda_endAllocateToPool = _cuda_beginAllocateToPool = (
    _cuda_releasePool
) = _nothing
_cuda_endAllocateCurrentStreamToPool = _cuda_beginAllocateCurrentStreamToPool = _host_emptyCache = (
    _construct_storage_from_data_pointer
) = _nothing
_jit_set_profiling_executor = _jit_set_profiling_mode = _cuda_setDevice = _log_api_usage_once = (
    _nothing
)


def _is_torch_function_mode_enabled():
    return False


def _is_torch_function_enabled():
    return True


def _len_torch_dispatch_stack():
    return 0


_len_torch_function_stack = _len_torch_dispatch_stack


def _get_privateuse1_backend_name():
    return "privateuseone"


def _get_dispatch_mode(key):
    return None


def _cuda_getDeviceCount():
    from torch.cuda import device_count

    return device_count()


def _cuda_getCurrentRawStream(index):
    return 0


def _get_cuda_arch_flags():
    from torch._platform import facts

    return " ".join(facts["arch_list"])


def _dispatch_has_kernel_for_dispatch_key(name, key):
    return False


def __getattr__(name):
    return _real("torch._C", name)


from torch._real import attribute as _real  # noqa: E402
