# bisect: binary search in sorted sequences. A place in a list of bounds is a branch on a size.
import _kdex


def _note(a, x, place, before, after):
    """`x` lies between the entries beside its place."""
    if a.__class__ is list or a.__class__ is tuple:
        if place > 0:
            _kdex.compared(before, x, a[place - 1], True)
        if place < len(a):
            _kdex.compared(after, x, a[place], True)


def bisect_right(a, x, lo=0, hi=None, *, key=None):
    if lo < 0:
        raise ValueError("lo must be non-negative")
    hi = len(a) if hi is None else hi
    while lo < hi:
        mid = (lo + hi) // 2
        if x < (a[mid] if key is None else key(a[mid])):
            hi = mid
        else:
            lo = mid + 1
    if key is None:
        _note(a, x, lo, ">=", "<")
    return lo


def bisect_left(a, x, lo=0, hi=None, *, key=None):
    if lo < 0:
        raise ValueError("lo must be non-negative")
    hi = len(a) if hi is None else hi
    while lo < hi:
        mid = (lo + hi) // 2
        if (a[mid] if key is None else key(a[mid])) < x:
            lo = mid + 1
        else:
            hi = mid
    if key is None:
        _note(a, x, lo, ">", "<=")
    return lo


def insort_right(a, x, lo=0, hi=None, *, key=None):
    a.insert(bisect_right(a, x if key is None else key(x), lo, hi, key=key), x)


def insort_left(a, x, lo=0, hi=None, *, key=None):
    a.insert(bisect_left(a, x if key is None else key(x), lo, hi, key=key), x)


bisect, insort = bisect_right, insort_right
