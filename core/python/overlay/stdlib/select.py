# select.
error = OSError
POLLIN, POLLOUT, EPOLLIN = 1, 4, 1


def select(r, w, x, timeout=None):
    return [], [], []
