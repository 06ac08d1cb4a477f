# Sharded data parallelism: the class only.
from torch.nn.modules.module import Module


class FullyShardedDataParallel(Module):
    def __init__(self, module, *args, **kwargs):
        super().__init__()
        self._fsdp_wrapped_module = module
