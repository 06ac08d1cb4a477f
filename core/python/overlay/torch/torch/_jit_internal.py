# Scripting of functions in other modules.
def is_scripting():
    return False


def unused(fn):
    return fn


ignore = export = boolean_dispatch = _overload = unused
