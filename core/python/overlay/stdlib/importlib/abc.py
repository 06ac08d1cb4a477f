# importlib.abc.


class Loader:
    pass


class MetaPathFinder:
    pass


class InspectLoader(Loader):
    pass
