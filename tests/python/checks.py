"""Assertions for the programs of this folder, which run under CPython 3.11 and under `kdex eval`.

Each assertion prints its number, its line and the value; run.py holds the two transcripts against
each other, so that the machine's own == and repr are not what they are tested with. A failed
assertion prints what it expected; finish() ends the program with status 1 where one failed, or
where fewer or more were made than the program says.
"""

import sys

_made = _failed = 0
_notes = []


def _same(got, expected):
    """Equal, of the same types all the way down, dicts in the same order; 0.0 is not -0.0."""
    if type(got) is not type(expected):
        return False
    if type(got) in (list, tuple):
        return len(got) == len(expected) and all(map(_same, got, expected))
    if type(got) is dict:
        return _same(list(got.items()), list(expected.items()))
    if type(got) in (float, complex):
        return repr(got) == repr(expected)
    return got is expected or got == expected


def _shown(value):
    """repr, with sets in order."""
    if type(value) in (set, frozenset):
        return type(value).__name__ + "(" + ", ".join(sorted(map(_shown, value))) + ")"
    if type(value) is list:
        return "[" + ", ".join(map(_shown, value)) + "]"
    if type(value) is tuple:
        return "(" + ", ".join(map(_shown, value)) + ",)"
    if type(value) is dict:
        return "{" + ", ".join(_shown(k) + ": " + _shown(v) for k, v in value.items()) + "}"
    return repr(value)


def _check(ok, got, expected):
    global _made, _failed
    _made += 1
    line = sys._getframe(2).f_lineno
    print(_made, "line", line, got)
    if not ok:
        _failed += 1
        print("FAILED: line", line, "expected", expected, "got", got)


def assert_eq(got, expected):
    """One value, of exactly the expected one's type."""
    _check(_same(got, expected), _shown(got), _shown(expected))


def assert_raises(type, message, function, *args, **keywords):
    """The call raises exactly this type (or one of this name) with this text."""
    wanted = type if isinstance(type, str) else type.__name__
    try:
        got = "no exception but " + _shown(function(*args, **keywords))
        ok = False
    except BaseException as e:
        got = e.__class__.__name__ + ": " + str(e)
        ok = (wanted == type or e.__class__ is type) and got == wanted + ": " + message
    _check(ok, got, wanted + ": " + message)


def note(*values):
    """Remembers what happens inside functions and loops, for the next assert_noted."""
    _notes.append(tuple(map(str, values)))


def note_result(function, *args, **keywords):
    """Notes what the call gives, or the type and text of what it raises."""
    try:
        note("ok", function(*args, **keywords))
    except BaseException as e:
        note(e.__class__.__name__, str(e))


def assert_noted(*rows):
    """Exactly these rows were noted since the last time, each the texts of its values."""
    noted = _notes[:]
    _notes.clear()
    for got, row in zip(noted, rows):
        for value, expected in zip(got, row):
            _check(value == expected, value, expected)
    sizes, expected = list(map(len, noted)), list(map(len, rows))
    if sizes != expected:
        _check(False, sizes, expected)


def finish(expected):
    """The program's last line: how many assertions it makes."""
    print(_made - _failed, "passed,", _failed, "failed")
    if _notes:
        print("FAILED: noted and never asserted:", _notes)
    if _made != expected:
        print("FAILED: expected", expected, "assertions, made", _made)
    if _failed or _notes or _made != expected:
        sys.exit(1)
