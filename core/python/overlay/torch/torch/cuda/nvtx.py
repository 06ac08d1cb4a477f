# Profiler ranges: none.
def _nothing(*args, **kwargs):
    return None


range_push = range_pop = range_start = range_end = mark = _nothing


class range:
    def __init__(self, msg, *args, **kwargs):
        self.msg = msg

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None

    def __call__(self, function):
        return function


annotate = range
