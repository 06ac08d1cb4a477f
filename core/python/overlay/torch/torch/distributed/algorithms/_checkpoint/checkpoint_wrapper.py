# Activation checkpointing: modules stay as they are.
from torch.nn.modules.module import Module


class CheckpointWrapper(Module):
    pass


class CheckpointImpl:
    REENTRANT, NO_REENTRANT = 0, 1


def checkpoint_wrapper(module, *args, **kwargs):
    return module


def apply_activation_checkpointing(model, *args, **kwargs):
    return None
