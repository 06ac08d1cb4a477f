# Modules that hold modules or parameters.
from collections import OrderedDict

from torch._tensor import Tensor
from torch.nn.modules.module import Module, _indent
from torch.nn.parameter import Parameter


def _position(items, index, n):
    if not -n <= index < n:
        raise IndexError("index %s is out of range" % index)
    return index + n if index < 0 else index


def _renumber(container, kept):
    container._modules.clear()
    for i, m in enumerate(kept):
        container._modules[str(i)] = m


class Container(Module):
    def __init__(self, **kwargs):
        super().__init__()
        for key, value in kwargs.items():
            self.add_module(key, value)


class Sequential(Module):
    def __init__(self, *args):
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for key, m in args[0].items():
                self.add_module(key, m)
        else:
            for i, m in enumerate(args):
                self.add_module(str(i), m)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.__class__(OrderedDict(list(self._modules.items())[index]))
        return list(self._modules.values())[_position(self, index, len(self._modules))]

    def __setitem__(self, index, module):
        setattr(self, list(self._modules)[_position(self, index, len(self._modules))], module)

    def __delitem__(self, index):
        kept = list(self._modules.values())
        del kept[index]
        _renumber(self, kept)

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(list(self._modules.values()))

    def append(self, module):
        self.add_module(str(len(self)), module)
        return self

    def extend(self, sequential):
        for m in sequential:
            self.append(m)
        return self

    def insert(self, index, module):
        kept = list(self._modules.values())
        kept.insert(index, module)
        _renumber(self, kept)
        return self

    def pop(self, key):
        m = self[key]
        del self[key]
        return m

    def forward(self, input):
        for m in self._modules.values():
            input = m(input)
        return input


class ModuleList(Module):
    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            own = self._modules
            for i, m in enumerate(modules):
                if m is not None and not isinstance(m, Module):
                    self.add_module(str(i), m)
                own[str(i)] = m

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.__class__(list(self._modules.values())[index])
        return self._modules[str(_position(self, index.__index__(), len(self._modules)))]

    def __setitem__(self, index, module):
        setattr(self, str(_position(self, index, len(self._modules))), module)

    __delitem__, __len__, __iter__ = Sequential.__delitem__, Sequential.__len__, Sequential.__iter__
    append, pop = Sequential.append, Sequential.pop

    def __iadd__(self, modules):
        return self.extend(modules)

    def __add__(self, other):
        return ModuleList(list(self) + list(other))

    def insert(self, index, module):
        kept = list(self._modules.values())
        kept.insert(index, module)
        _renumber(self, kept)

    def extend(self, modules):
        n = len(self)
        for i, m in enumerate(modules):
            self.add_module(str(n + i), m)
        return self

    def __repr__(self):
        if not self._modules:
            return self._get_name() + "()"
        texts = [repr(m) for m in self]
        spans = [[0, 0]]
        blocks = [texts[0]]
        for i, t in enumerate(texts[1:], 1):
            if t == blocks[-1]:
                spans[-1][1] += 1
            else:
                spans.append([i, i])
                blocks.append(t)
        lines = []
        for (a, b), t in zip(spans, blocks):
            head = "(%d): " % a if a == b else "(%d-%d): %d x " % (a, b, b - a + 1)
            lines.append(_indent(head + t, 2))
        return self._get_name() + "(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def clear(self):
        self._modules.clear()

    def pop(self, key):
        m = self[key]
        del self[key]
        return m

    def keys(self):
        return self._modules.keys()

    def items(self):
        return self._modules.items()

    def values(self):
        return self._modules.values()

    def update(self, modules):
        pairs = modules.items() if hasattr(modules, "items") else modules
        for key, m in pairs:
            self[key] = m


class ParameterList(Module):
    def __init__(self, values=None):
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.__class__([getattr(self, str(i)) for i in range(*index.indices(len(self)))])
        return getattr(self, str(_position(self, index, len(self))))

    def __setitem__(self, index, param):
        if isinstance(param, Tensor) and not isinstance(param, Parameter):
            param = Parameter(param)
        setattr(self, str(_position(self, index, len(self))), param)

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter([self[i] for i in range(len(self))])

    def __iadd__(self, parameters):
        return self.extend(parameters)

    def append(self, value):
        self._size += 1
        self[len(self) - 1] = value
        return self

    def extend(self, values):
        for v in values:
            self.append(v)
        return self


class ParameterDict(Module):
    def __init__(self, parameters=None):
        super().__init__()
        self._keys = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key):
        return getattr(self, str(key))

    def __setitem__(self, key, value):
        self._keys[key] = None
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            value = Parameter(value)
        setattr(self, str(key), value)

    def __delitem__(self, key):
        del self._keys[key]
        delattr(self, str(key))

    def __len__(self):
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def __contains__(self, key):
        return key in self._keys

    def get(self, key, default=None):
        return self[key] if key in self else default

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key):
        v = self[key]
        del self[key]
        return v

    def keys(self):
        return self._keys.keys()

    def items(self):
        return [(k, self[k]) for k in self._keys]

    def values(self):
        return [self[k] for k in self._keys]

    def update(self, parameters):
        pairs = parameters.items() if hasattr(parameters, "items") else parameters
        for k, v in pairs:
            self[k] = v
