# Graphs: the classes only.
from torch.fx import graph, node, passes  # noqa: F401
from torch.fx.graph import Graph
from torch.fx.node import Node
from torch.nn.modules.module import Module


class GraphModule(Module):
    def __init__(self, root=None, graph=None, class_name="GraphModule"):
        super().__init__()
        self.graph = graph


class Interpreter:
    def __init__(self, module, garbage_collect_values=True, graph=None):
        self.module = module
        self.fake_mode = None

    def run(self, *args, **kwargs):
        import _kdex

        return _kdex.unknown("torch.fx.Interpreter.run")


class Transformer(Interpreter):
    pass


class Proxy:
    pass


untraced = []  # names of the classes whose forward would have been traced


class Tracer:
    def trace(self, root, concrete_args=None):
        name = type(root).__name__
        if name not in untraced:
            untraced.append(name)
        raise NotImplementedError("torch.fx.Tracer.trace is not run by kdex")


def symbolic_trace(root, concrete_args=None):
    return root


def wrap(fn_or_name):
    return fn_or_name


def replace_pattern(gm, pattern, replacement):
    return []


def __getattr__(name):
    return _real("torch.fx", name)


from torch._real import attribute as _real  # noqa: E402
