# Switches of this library.
enabled = True
allow_tf32 = True
fp32_precision = "none"


def is_available():
    return True


def get_cpu_capability():
    return "AVX512"


def __getattr__(name):
    return _real("torch.backends.openmp", name)


from torch._real import attribute as _real  # noqa: E402
