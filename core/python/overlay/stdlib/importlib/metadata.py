# importlib.metadata: versions of the distributions declared installed (_kdex.dist_version(name) -> str or None).
import _kdex


class PackageNotFoundError(ModuleNotFoundError):
    def __str__(self):
        return f"No package metadata was found for {self.name}"

    @property
    def name(self):
        return self.args[0]


def _version(name):
    for n in (
        name,
        name.replace("_", "-"),
        name.replace("-", "_"),
        name.lower(),
        name.lower().replace("_", "-"),
    ):
        v = _kdex.dist_version(n)
        if v is not None:
            return v
    raise PackageNotFoundError(name)


def version(distribution_name):
    if not distribution_name:
        raise ValueError("A distribution name is required.")
    return _version(distribution_name)


class Distribution:
    def __init__(self, name):
        self.name, self.version = name, _version(name)
        self.metadata = {"Name": name, "Version": self.version}
        self.requires, self.files, self.entry_points = [], [], []

    @classmethod
    def from_name(cls, name):
        return cls(name)

    def read_text(self, filename):
        return None


def distribution(name):
    return Distribution(name)


def metadata(name):
    return Distribution(name).metadata


def requires(name):
    return Distribution(name).requires


def files(name):
    return Distribution(name).files


def distributions(**kw):
    return []


class EntryPoints(tuple):
    def select(self, **kw):
        return self

    def get(self, group, default=()):
        return self

    @property
    def names(self):
        return set()

    @property
    def groups(self):
        return set()


def entry_points(**kw):
    return EntryPoints()


def packages_distributions():
    return _Packages()


class _Packages(dict):
    def __missing__(self, key):
        return [key]

    def get(self, key, default=None):
        return [key] if _kdex.module_exists(key) else default

    def __contains__(self, key):
        return _kdex.module_exists(key)
