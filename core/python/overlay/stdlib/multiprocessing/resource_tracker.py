# multiprocessing.resource_tracker: there are no resources.
def ensure_running():
    pass


def register(name, rtype):
    pass


def unregister(name, rtype):
    pass
