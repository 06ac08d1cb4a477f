# Names that torch has and this overlay does not model: asking for one gives an unknown.
import importlib

import _kdex


def attribute(module, name):
    if name in _known(module):
        try:
            return importlib.import_module(module + "." + name)
        except ModuleNotFoundError:
            return _kdex.unknown(module + "." + name)
    raise AttributeError("module '%s' has no attribute '%s'" % (module, name))


_sets = {}


def _known(module):
    found = _sets.get(module)
    if found is None:
        from torch._real_names import NAMES

        found = _sets[module] = set(NAMES.get(module, "").split())
    return found


_of_tensor = {}


def tensor_names():
    found = _of_tensor.get("names")
    if found is None:
        from torch._real_tensor_names import NAMES

        found = _of_tensor["names"] = set(NAMES.split())
    return found
