# The dispatcher.
from torch._dispatch import python  # noqa: F401
