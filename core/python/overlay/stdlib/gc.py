# gc: there is nothing to collect.
callbacks = []
garbage = []


def collect(generation=2):
    return 0


def enable():
    pass


disable = freeze = unfreeze = enable


def isenabled():
    return True


def get_objects(generation=None):
    return []


def get_referrers(*o):
    return []


get_referents = get_referrers


def get_count():
    return (0, 0, 0)


def get_threshold():
    return (700, 10, 10)


def set_threshold(*a):
    pass


def get_stats():
    return []


def is_tracked(o):
    return False
