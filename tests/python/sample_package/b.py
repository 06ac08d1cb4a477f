class BASE:
    subs = []

    def __init_subclass__(cls, **k):
        super().__init_subclass__(**k)
        BASE.subs.append(cls.__name__)


def make(x):
    from .a import helper

    return type(x).__name__ + str(helper())


X, (Y, *Z) = 1, (2, 3, 4)
STATE = {"n": 0}


def bump():
    global COUNT
    COUNT = COUNT + 1
    STATE["n"] += 1
    return COUNT


COUNT = 10
