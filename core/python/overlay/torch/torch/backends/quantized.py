# Switches of this library.
engine = "fbgemm"
supported_engines = ["fbgemm", "none"]


def is_available():
    return True


def get_cpu_capability():
    return "AVX512"


def __getattr__(name):
    return _real("torch.backends.quantized", name)


from torch._real import attribute as _real  # noqa: E402
