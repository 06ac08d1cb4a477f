# The profiler: records nothing.
import enum


class ProfilerActivity(enum.Enum):
    CPU = 0
    XPU = 1
    MTIA = 2
    CUDA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(enum.Enum):
    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


class record_function:
    def __init__(self, name, args=None):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __call__(self, function):
        return function


class profile:
    def __init__(self, *args, **kwargs):
        self.kwargs = kwargs

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def start(self):
        return None

    stop = step = start

    def export_chrome_trace(self, path):
        return None

    def key_averages(self, *args, **kwargs):
        return []

    def events(self):
        return []

    def add_metadata(self, key, value):
        return None


_KinetoProfile = profile


def schedule(*, wait, warmup, active, repeat=0, skip_first=0, **kwargs):
    return lambda step: ProfilerAction.NONE


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    return lambda prof: None


def supported_activities():
    return {ProfilerActivity.CPU, ProfilerActivity.CUDA}


class ExecutionTraceObserver:
    pass
