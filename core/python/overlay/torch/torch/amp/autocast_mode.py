# The names that torch keeps in this module.
from torch._calls import autocast
from torch.amp import is_autocast_available
