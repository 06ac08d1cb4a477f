# The names that torch keeps in this module.
from torch.cuda import Event, ExternalStream, Stream  # noqa: F401
