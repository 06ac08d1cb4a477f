# importlib.util: find_spec asks the machine whether a module is there (_kdex.module_exists(name)).
import _kdex
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader


def find_spec(name, package=None):
    if name.startswith("."):
        name = (package or "") + name
    parent = name.rpartition(".")[0]
    if parent and not _kdex.module_exists(parent):
        raise ModuleNotFoundError(f"No module named {parent!r}", name=parent)
    if not _kdex.module_exists(name):
        return None
    m = sys.modules.get(name)
    path = getattr(m, "__file__", None) if m is not None else None
    spec = ModuleSpec(name, SourceFileLoader(name, path), origin=path)
    if m is not None and hasattr(m, "__path__"):
        spec.submodule_search_locations = list(m.__path__)
    return spec


def module_from_spec(spec):
    from types import ModuleType

    return ModuleType(spec.name)


def spec_from_file_location(name, location=None, *, loader=None, submodule_search_locations=None):
    return ModuleSpec(name, loader or SourceFileLoader(name, location), origin=location)


def spec_from_loader(name, loader, *, origin=None, is_package=None):
    return ModuleSpec(name, loader, origin=origin)


class LazyLoader:
    def __init__(self, loader):
        self.loader = loader
