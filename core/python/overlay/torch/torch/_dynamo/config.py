# Settings: any name may be set; one that is not set is None.
from torch._settings import get_config_copy, load_config, patch, save_config_portable

suppress_errors = False
cache_size_limit = recompile_limit = 8
accumulated_cache_size_limit = accumulated_recompile_limit = 256
disable = False
verbose = False
inline_inbuilt_nn_modules = True
capture_scalar_outputs = False
capture_dynamic_output_shape_ops = False
force_parameter_static_shapes = True
assume_static_by_default = True
automatic_dynamic_shapes = True
skip_nnmodule_hook_guards = True
allow_unspec_int_on_nn_module = False
log_file_name = None
fail_on_recompile_limit_hit = False
specialize_int = False
guard_nn_modules = True
