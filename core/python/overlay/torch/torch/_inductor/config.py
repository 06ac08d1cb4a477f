# Settings: any name may be set; one that is not set is None.
from torch._settings import get_config_copy, load_config, patch, save_config_portable

fx_graph_cache = True
fx_graph_remote_cache = None
max_autotune = False
max_autotune_gemm = False
max_autotune_gemm_backends = "ATEN,TRITON,CPP"
freezing = False
coordinate_descent_tuning = False
epilogue_fusion = True
compile_threads = 1
combo_kernels = False
benchmark_combo_kernel = False
size_asserts = True
enable_auto_functionalized_v2 = True
post_grad_custom_pre_pass = None
post_grad_custom_post_pass = None
pre_grad_custom_pass = None
force_disable_caches = False
pattern_matcher = True
reorder_for_peak_memory = True
graph_partition = True


class triton:
    unique_kernel_names = True
    cudagraphs = False
    cudagraph_trees = True


class cpp:
    threads = -1


class trace:
    enabled = False
