from . import cyc2


def f():
    return cyc2.g()


V = 1
