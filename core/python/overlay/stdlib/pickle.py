# pickle: nothing is serialised in the machine.
HIGHEST_PROTOCOL = 5
DEFAULT_PROTOCOL = 4


class PickleError(Exception):
    pass


class PicklingError(PickleError):
    pass


class UnpicklingError(PickleError):
    pass


def _refuse(*args, **kw):
    raise PicklingError("pickle is not available here")


dump = dumps = load = loads = _refuse


class Pickler:
    def __init__(self, *a, **k):
        pass

    dump = _refuse


class Unpickler(Pickler):
    load = _refuse

    def find_class(self, module, name):
        raise UnpicklingError(f"{module}.{name}")
