# Settings: any name may be set; one that is not set is None.
from torch._settings import get_config_copy, load_config, patch, save_config_portable

donated_buffer = False
enable_autograd_cache = True
bundled_autograd_cache = False
