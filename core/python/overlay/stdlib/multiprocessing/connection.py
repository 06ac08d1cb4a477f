# multiprocessing.connection.


class Connection:
    pass


def wait(objects, timeout=None):
    return []
