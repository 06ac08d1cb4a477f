from . import cyc1


def g():
    return cyc1.V + 1
