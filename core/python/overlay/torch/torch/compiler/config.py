# Settings: any name may be set; one that is not set is None.
from torch._settings import get_config_copy, load_config, patch, save_config_portable

dynamic_sources = ""
force_disable_caches = False
