# Builtins that are written in Python; the machine looks here before it says that a name is not defined.


class BaseExceptionGroup(BaseException):
    __module__ = "builtins"
    def __new__(cls, message, exceptions):
        if not isinstance(message, str):
            raise TypeError(f"argument 1 must be str, not {type(message).__name__}")
        exceptions = tuple(exceptions)
        if not exceptions:
            raise ValueError("second argument (exceptions) must be a non-empty sequence")
        for i, e in enumerate(exceptions):
            if not isinstance(e, BaseException):
                raise ValueError(f"Item {i} of second argument (exceptions) is not an exception")
        if cls is BaseExceptionGroup and all(isinstance(e, Exception) for e in exceptions):
            cls = ExceptionGroup
        self = BaseException.__new__(cls, message, exceptions)
        self.message = message
        self.exceptions = exceptions
        return self

    def __init__(self, message, exceptions):
        BaseException.__init__(self, message, exceptions)

    def __str__(self):
        n = len(self.exceptions)
        return f"{self.message} ({n} sub-exception{'s' if n != 1 else ''})"

    def derive(self, exceptions):
        return type(self)(self.message, exceptions)

    def split(self, condition):
        test = condition if not isinstance(condition, (type, tuple)) else lambda e: isinstance(e, condition)
        if test(self):
            return self, None
        yes, no = [], []
        for e in self.exceptions:
            if isinstance(e, BaseExceptionGroup):
                y, n = e.split(condition)
                if y is not None:
                    yes.append(y)
                if n is not None:
                    no.append(n)
            else:
                (yes if test(e) else no).append(e)
        return self.derive(yes) if yes else None, self.derive(no) if no else None

    def subgroup(self, condition):
        return self.split(condition)[0]


class ExceptionGroup(BaseExceptionGroup, Exception):
    __module__ = "builtins"
    pass


def aiter(iterable):
    return type(iterable).__aiter__(iterable)


def anext(iterator, *default):
    return type(iterator).__anext__(iterator)
