# pprint: the width is not observed.
import sys as _sys


def pformat(obj, *args, **kw):
    return repr(obj)


def pprint(obj, stream=None, *args, **kw):
    (stream or _sys.stdout).write(repr(obj) + "\n")


pp = pprint


class PrettyPrinter:
    def __init__(self, *a, **k):
        pass

    def pformat(self, obj):
        return repr(obj)

    def pprint(self, obj):
        pprint(obj)
