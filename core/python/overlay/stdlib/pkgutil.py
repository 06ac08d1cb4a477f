# pkgutil: the modules of a package, from the source tree (_kdex.list_modules(folder) -> [(name, is_package)]).
import _kdex


class ModuleInfo(tuple):
    module_finder = property(lambda s: s[0])
    name = property(lambda s: s[1])
    ispkg = property(lambda s: s[2])

    def __repr__(self):
        return f"ModuleInfo(module_finder={self[0]!r}, name={self[1]!r}, ispkg={self[2]!r})"


class _Finder:
    def __init__(self, path):
        self.path = path


def iter_modules(path=None, prefix=""):
    for folder in path or ():
        for name, is_package in _kdex.list_modules(folder):
            yield ModuleInfo((_Finder(folder), prefix + name, is_package))


def walk_packages(path=None, prefix="", onerror=None):
    for info in iter_modules(path, prefix):
        yield info
        if info.ispkg:
            try:
                m = _kdex.import_module(info.name)
            except ImportError:
                if onerror is not None:
                    onerror(info.name)
                continue
            yield from walk_packages(list(m.__path__), info.name + ".", onerror)


def extend_path(path, name):
    return path


def get_data(package, resource):
    import os

    with open(
        os.path.join(os.path.dirname(_kdex.import_module(package).__file__), resource), "rb"
    ) as f:
        return f.read()


def find_loader(name):
    from importlib.util import find_spec

    s = find_spec(name)
    return s and s.loader


def resolve_name(name):
    mod, _, attr = name.partition(":")
    o = _kdex.import_module(mod)
    for a in attr.split(".") if attr else ():
        o = getattr(o, a)
    return o
