# The names that torch keeps in this module.
from torch._state import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: F401
