# Extensions: none is built.
import _kdex

CUDA_HOME = "/usr/local/cuda"
ROCM_HOME = None
IS_HIP_EXTENSION = False
CUDNN_HOME = None
BuildExtension = None


def load(name, sources, *args, **kwargs):
    return _kdex.unknown("torch.utils.cpp_extension.load(%s)" % name)


def load_inline(name, cpp_sources, *args, **kwargs):
    return _kdex.unknown("torch.utils.cpp_extension.load_inline(%s)" % name)


def get_default_build_root():
    return "/tmp/torch_extensions"


def _get_build_directory(name, verbose):
    return get_default_build_root() + "/" + name


def _get_cuda_arch_flags(cflags=None):
    return []


def include_paths(device_type="cpu", **kwargs):
    return []


library_paths = include_paths


def CUDAExtension(name, sources, *args, **kwargs):
    return None


CppExtension = CUDAExtension


def is_ninja_available():
    return True


def __getattr__(name):
    return _real("torch.utils.cpp_extension", name)


from torch._real import attribute as _real  # noqa: E402
