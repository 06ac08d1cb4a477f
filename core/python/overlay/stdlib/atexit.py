# atexit: nothing runs at exit.


def register(f, *a, **k):
    return f


def unregister(f):
    pass
