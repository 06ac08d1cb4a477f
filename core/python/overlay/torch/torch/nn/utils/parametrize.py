# Parametrisations: a module computed from other parameters takes a parameter's place.
from torch.nn.modules.container import ModuleDict, ModuleList
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class cached:
    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


class ParametrizationList(ModuleList):
    def __init__(self, modules, original, unsafe=False):
        super().__init__(modules)
        new = original
        for m in reversed(list(self)):
            if hasattr(m, "right_inverse"):
                new = m.right_inverse(new)
        self.is_tensor = not isinstance(new, (tuple, list))
        if self.is_tensor:
            self.original = new if isinstance(new, Parameter) else Parameter(new.detach())
        else:
            self.ntensors = len(new)
            for i, t in enumerate(new):
                setattr(
                    self, "original%d" % i, t if isinstance(t, Parameter) else Parameter(t.detach())
                )

    def forward(self):
        if self.is_tensor:
            x = self[0](self.original)
        else:
            x = self[0](*[getattr(self, "original%d" % i) for i in range(self.ntensors)])
        for i in range(1, len(self)):
            x = self[i](x)
        return x


def _property(name):
    def read(self):
        return self.parametrizations[name]()

    def write(self, value):
        return None

    return property(read, write)


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    original = getattr(module, tensor_name)
    if not hasattr(module, "parametrizations"):
        cls = type(module)
        module.__class__ = type("Parametrized" + cls.__name__, (cls,), {})
        module.parametrizations = ModuleDict()
    lists = ParametrizationList([parametrization], original, unsafe)
    delattr(module, tensor_name)
    setattr(type(module), tensor_name, _property(tensor_name))
    module.parametrizations[tensor_name] = lists
    return module


def is_parametrized(module, tensor_name=None):
    p = getattr(module, "parametrizations", None)
    if p is None:
        return False
    return len(p) > 0 if tensor_name is None else tensor_name in p


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    value = getattr(module, tensor_name)
    cls = type(module)
    delattr(cls, tensor_name)
    del module.parametrizations[tensor_name]
    setattr(module, tensor_name, Parameter(value))
    return module


def type_before_parametrizations(module):
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
