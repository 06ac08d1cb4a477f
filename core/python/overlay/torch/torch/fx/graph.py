# Graphs.
class Graph:
    def __init__(self, *args, **kwargs):
        self.nodes = []


class CodeGen:
    pass


def __getattr__(name):
    return _real("torch.fx.graph", name)


from torch._real import attribute as _real  # noqa: E402
