# The names that torch keeps in this module.
from torch.nn.modules.simple import *  # noqa: F401,F403
