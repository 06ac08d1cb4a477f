# tqdm.contrib.concurrent.


def thread_map(fn, *iterables, **kw):
    return [fn(*a) for a in zip(*iterables)]


process_map = thread_map
