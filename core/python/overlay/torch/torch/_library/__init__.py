# Parts of torch.library.
from torch._library import infer_schema  # noqa: F401
