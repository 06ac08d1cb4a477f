# importlib: through the machine's own importer.
import _kdex
import sys


def import_module(name, package=None):
    if name.startswith("."):
        if not package:
            raise TypeError(
                f"the 'package' argument is required to perform a relative import for {name!r}"
            )
        level = len(name) - len(name.lstrip("."))
        bits = package.rsplit(".", level - 1)
        if len(bits) < level:
            raise ImportError("attempted relative import beyond top-level package")
        name = bits[0] + ("." + name[level:] if name[level:] else "")
    return _kdex.import_module(name)


def invalidate_caches():
    pass


def reload(module):
    return module


def __import__(name, globals=None, locals=None, fromlist=(), level=0):
    m = _kdex.import_module(name)
    return m if fromlist else sys.modules[name.partition(".")[0]]
