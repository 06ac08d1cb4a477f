# Schedules: the classes only.
class LRScheduler:
    def __init__(self, optimizer, last_epoch=-1):
        self.optimizer = optimizer

    def step(self, epoch=None):
        return None


_LRScheduler = LRScheduler


class LambdaLR(LRScheduler):
    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        super().__init__(optimizer, last_epoch)


class ReduceLROnPlateau(LRScheduler):
    pass


def __getattr__(name):
    return _real("torch.optim.lr_scheduler", name)


from torch._real import attribute as _real  # noqa: E402
