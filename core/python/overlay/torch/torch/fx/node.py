# Nodes of graphs.
from typing import Any

Target = Any
Argument = Any


class Node:
    def __init__(self, *args, **kwargs):
        self.args = args
        self.meta = {}


def map_arg(a, fn):
    return a


map_aggregate = map_arg


def __getattr__(name):
    return _real("torch.fx.node", name)


from torch._real import attribute as _real  # noqa: E402
