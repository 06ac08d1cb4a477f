# Docstrings assembled from every class of the package at import: nothing that a constructor reads.


def _as_it_is(obj):
    return obj


def auto_docstring(obj=None, **settings):
    return _as_it_is if obj is None else obj


auto_class_docstring = auto_method_docstring = auto_docstring


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {})
