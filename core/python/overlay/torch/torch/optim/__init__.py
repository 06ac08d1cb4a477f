# Optimisers: the classes only.
from torch.optim import lr_scheduler, optimizer  # noqa: F401
from torch.optim.optimizer import Optimizer


class SGD(Optimizer):
    pass


class Adam(Optimizer):
    pass


class AdamW(Adam):
    pass


class RMSprop(Optimizer):
    pass


class Adagrad(Optimizer):
    pass


def __getattr__(name):
    return _real("torch.optim", name)


from torch._real import attribute as _real  # noqa: E402
