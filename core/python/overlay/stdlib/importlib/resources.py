# importlib.resources.
from pathlib import Path
import importlib


def files(package):
    m = importlib.import_module(package) if isinstance(package, str) else package
    return Path(m.__file__).parent


class as_file:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self.path

    def __exit__(self, *exc):
        pass


def read_text(package, resource, encoding="utf-8", errors="strict"):
    return (files(package) / resource).read_text(encoding, errors)


def path(package, resource):
    return as_file(files(package) / resource)
