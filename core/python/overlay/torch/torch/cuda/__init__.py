# CUDA as the platform's facts describe it. Nothing runs.
from torch._device import as_device, device as _device
from torch._platform import facts as _facts
from torch._types import AcceleratorError, Event as _Event, OutOfMemoryError, Stream as _Stream

has_half = True
has_magma = True
default_generators = ()
_initialized = False


class Stream(_Stream):
    @staticmethod
    def priority_range():
        return (0, -5)


class ExternalStream(Stream):
    def __init__(self, stream_ptr, device=None, **kwargs):
        super().__init__(device)
        self.cuda_stream = stream_ptr


class Event(_Event):
    pass


class DeferredCudaCallError(Exception):
    pass


class CudaError(RuntimeError):
    pass


class _Properties:
    def __init__(self):
        f = _facts
        self.name = f["name"]
        self.major, self.minor = f["capability"]
        self.total_memory = f["total_memory"]
        self.multi_processor_count = f["multi_processor_count"]
        self.is_integrated = 0
        self.is_multi_gpu_board = 0
        self.max_threads_per_multi_processor = f["max_threads_per_multi_processor"]
        self.max_threads_per_block = 1024
        self.warp_size = f["warp_size"]
        self.L2_cache_size = f["l2_cache_size"]
        self.shared_memory_per_block = f["shared_memory_per_block"]
        self.shared_memory_per_block_optin = f["shared_memory_per_block_optin"]
        self.shared_memory_per_multiprocessor = f["shared_memory_per_multiprocessor"]
        self.regs_per_multiprocessor = f["regs_per_multiprocessor"]
        self.uuid = f["uuid"]
        self.pci_bus_id = 0
        self.pci_device_id = 0
        self.pci_domain_id = 0
        # only of AMD devices in torch; empty elsewhere
        self.gcnArchName = self.name

    def __repr__(self):
        return (
            "_CudaDeviceProperties(name='%s', major=%d, minor=%d, total_memory=%dMB, multi_processor_count=%d)"
            % (
                self.name,
                self.major,
                self.minor,
                self.total_memory // 2**20,
                self.multi_processor_count,
            )
        )


_CudaDeviceProperties = _Properties


def is_available():
    return _facts["available"]


def is_initialized():
    return False


def _is_compiled():
    return True


def init():
    return None


def _lazy_init():
    return None


def _lazy_call(call, **kwargs):
    call()


def device_count():
    return _facts["device_count"] if _facts["available"] else 0


_device_count_nvml = device_count


def current_device():
    return _facts["current_device"]


def _get_device_index(device, optional=False, allow_cpu=False):
    if device is None:
        return _facts["current_device"]
    if isinstance(device, int):
        return device
    d = _device(device)
    return _facts["current_device"] if d.index is None else d.index


def set_device(device):
    _facts["current_device"] = _get_device_index(device)


def get_device_name(device=None):
    return _facts["name"]


def get_device_capability(device=None):
    return tuple(_facts["capability"])


def get_device_properties(device=None):
    return _Properties()


def can_device_access_peer(device, peer_device):
    return True


def get_arch_list():
    return list(_facts["arch_list"])


def get_gencode_flags():
    return ""


def mem_get_info(device=None):
    """What is free and all there is, bytes: an idle device keeps a hundredth for itself."""
    return (int(_facts["total_memory"] * 0.99), _facts["total_memory"])


def memory_allocated(device=None):
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_cached = max_memory_cached = (
    memory_allocated
)
utilization = temperature = power_draw = clock_rate = device_memory_used = memory_allocated


def memory_stats(device=None):
    return {}


def memory_summary(device=None, abbreviated=False):
    return ""


def memory_snapshot(*args, **kwargs):
    return []


def _nothing(*args, **kwargs):
    return None


synchronize = empty_cache = reset_peak_memory_stats = reset_max_memory_allocated = ipc_collect = (
    manual_seed
) = manual_seed_all = seed = seed_all = _nothing
set_per_process_memory_fraction = reset_accumulated_memory_stats = set_rng_state = (
    set_sync_debug_mode
) = _sleep = _nothing


def get_rng_state(device="cuda"):
    from torch import uint8, zeros

    return zeros(16, dtype=uint8, device="cpu")


def initial_seed():
    return 0


_streams = []  # those that were entered, the innermost last; the first is the device's own


def current_stream(device=None):
    return _streams[-1] if _streams else default_stream(device)


def default_stream(device=None):
    if not _streams:
        _streams.append(Stream(device))
    return _streams[0]


def set_stream(stream):
    default_stream()
    if stream is not None:
        _streams[-1] = stream


def get_stream_from_external(data_ptr, device=None):
    return ExternalStream(data_ptr, device)


def is_current_stream_capturing():
    return False


def current_blas_handle():
    return 0


def _get_nvml_device_index(device):
    return _get_device_index(device)


def is_bf16_supported(including_emulation=True):
    return tuple(_facts["capability"]) >= (8, 0)


def is_tf32_supported():
    return tuple(_facts["capability"]) >= (8, 0)


def get_sync_debug_mode():
    return 0


class _Inert:
    """A context that does nothing."""

    def __init__(self, *args, **kwargs):
        self.args = args

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __call__(self, function):
        return function


class device(_Inert):
    def __init__(self, device):
        self.idx = _get_device_index(device)
        self.prev_idx = -1

    def __enter__(self):
        self.prev_idx = _facts["current_device"]
        _facts["current_device"] = self.idx
        return None

    def __exit__(self, *exc):
        _facts["current_device"] = self.prev_idx
        return False


class device_of(_Inert):
    pass


_DeviceGuard = device


class StreamContext(_Inert):
    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        if self.stream is not None:
            default_stream()
            _streams.append(self.stream)
        return None

    def __exit__(self, *exc):
        if self.stream is not None:
            _streams.pop()
        return None


def stream(stream):
    return StreamContext(stream)


class graph(_Inert):
    def __init__(self, cuda_graph, pool=None, stream=None, capture_error_mode="global"):
        self.cuda_graph = cuda_graph
        self.pool = pool

    def __enter__(self):
        return None


class CUDAGraph:
    def __init__(self, keep_graph=False):
        self.keep_graph = keep_graph

    def capture_begin(self, pool=None, capture_error_mode="global"):
        return None

    def capture_end(self):
        return None

    def instantiate(self):
        return None

    def replay(self):
        return None

    def reset(self):
        return None

    def pool(self):
        return (0, 1)

    def debug_dump(self, debug_path):
        return None

    def enable_debug_mode(self):
        return None

    def raw_cuda_graph(self):
        return 0


def graph_pool_handle():
    return (0, 1)


def make_graphed_callables(callables, *args, **kwargs):
    return callables


class MemPool:
    def __init__(self, allocator=None, use_on_oom=False, **kwargs):
        self.allocator = allocator
        self.id = (0, 1)

    def use_count(self):
        return 1

    def snapshot(self):
        return []


class use_mem_pool(_Inert):
    pass


MemPoolContext = use_mem_pool


class _Cudart:
    class cudaError:
        success = 0

    cudaMemcpyKind = None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args: 0


def cudart():
    return _Cudart()


def check_error(res):
    return None


def caching_allocator_alloc(size, device=None, stream=None):
    return 0


caching_allocator_delete = change_current_allocator = _nothing


def get_allocator_backend():
    return "native"


class FloatTensor:
    pass


class HalfTensor:
    pass


class LongTensor:
    pass


class IntTensor:
    pass


class BoolTensor:
    pass


class ByteTensor:
    pass


class BFloat16Tensor:
    pass


from torch.cuda import (
    amp,
    graphs,
    memory,
    nccl,
    nvtx,
    profiler,
    random,
    sparse,
    streams,
    tunable,
    gds,
    green_contexts,
)  # noqa: E402
from torch.cuda.memory import CUDAPluggableAllocator, caching_allocator_enable  # noqa: E402


def __getattr__(name):
    return _real("torch.cuda", name)


from torch._real import attribute as _real  # noqa: E402
