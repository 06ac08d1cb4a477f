# numbers: the tower, with the builtin numbers registered at every level they belong to.
from abc import ABCMeta, abstractmethod


def _with(*types):
    def mark(cls):
        for t in types:
            cls.register(t)
        return cls

    return mark


@_with(int, float, bool, complex)
class Number(metaclass=ABCMeta):
    __slots__ = ()
    __hash__ = None


@_with(int, float, bool, complex)
class Complex(Number):
    __slots__ = ()


@_with(int, float, bool)
class Real(Complex):
    __slots__ = ()


@_with(int, bool)
class Rational(Real):
    __slots__ = ()


@_with(int, bool)
class Integral(Rational):
    __slots__ = ()
