# Switches of the CUDA libraries.
from torch.nn.attention import SDPBackend as SDPBackend


class _MatMul:
    def __init__(self):
        self.allow_tf32 = False
        self.allow_fp16_reduced_precision_reduction = True
        self.allow_bf16_reduced_precision_reduction = True
        self.allow_fp16_accumulation = False
        self.fp32_precision = "none"


class _Plans:
    max_size = 4096
    size = 0

    def clear(self):
        return None

    def __getitem__(self, device):
        return self


class SDPAParams:
    def __init__(self, *args):
        self.args = args


matmul = _MatMul()
cufft_plan_cache = _Plans()


def is_built():
    return True


def preferred_linalg_library(backend=None):
    return None


preferred_blas_library = preferred_rocm_fa_library = preferred_linalg_library
enable_flash_sdp = enable_mem_efficient_sdp = enable_math_sdp = enable_cudnn_sdp = (
    allow_fp16_bf16_reduction_math_sdp
) = preferred_linalg_library


def flash_sdp_enabled():
    return True


mem_efficient_sdp_enabled = math_sdp_enabled = cudnn_sdp_enabled = is_flash_attention_available = (
    flash_sdp_enabled
)


def can_use_flash_attention(params, debug=False):
    return True


can_use_efficient_attention = can_use_cudnn_attention = can_use_flash_attention


class sdp_kernel:
    def __init__(self, *args, **kwargs):
        self.args = args

    def __enter__(self):
        return {}

    def __exit__(self, *exc):
        return None


def __getattr__(name):
    return _real("torch.backends.cuda", name)


from torch._real import attribute as _real  # noqa: E402
