# The host.
from torch.cpu import amp  # noqa: F401
from torch.cuda import _Inert


def is_available():
    return True


def is_initialized():
    return True


def device_count():
    return 1


def current_device():
    return "cpu"


def set_device(device):
    return None


def synchronize(device=None):
    return None


def empty_cache():
    return None


def _is_amx_tile_supported():
    return False


_is_avx2_supported = _is_avx512_supported = _is_avx512_vnni_supported = (
    _is_avx512_bf16_supported
) = _is_amx_fp16_supported = _init_amx = _is_amx_tile_supported


def get_capabilities():
    return {}


class Stream:
    def __init__(self, priority=-1):
        self.priority = priority

    def wait_stream(self, stream):
        return None

    def synchronize(self):
        return None


class Event:
    def record(self, stream=None):
        return None

    def query(self):
        return True

    def synchronize(self):
        return None

    def wait(self, stream=None):
        return None


def current_stream(device=None):
    return Stream()


class StreamContext(_Inert):
    pass


stream = StreamContext


def __getattr__(name):
    return _real("torch.cpu", name)


from torch._real import attribute as _real  # noqa: E402
