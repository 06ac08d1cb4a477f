# importlib.machinery.


class ModuleSpec:
    def __init__(self, name, loader=None, *, origin=None, loader_state=None, is_package=None):
        self.name, self.loader, self.origin = name, loader, origin
        self.submodule_search_locations = [] if is_package else None
        self.has_location, self.cached = origin is not None, None

    @property
    def parent(self):
        return (
            self.name
            if self.submodule_search_locations is not None
            else self.name.rpartition(".")[0]
        )

    def __repr__(self):
        return f"ModuleSpec(name={self.name!r}, origin={self.origin!r})"


class SourceFileLoader:
    def __init__(self, fullname, path):
        self.name, self.path = fullname, path

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        """Only modules of the source trees can be run; they are, under their own name."""
        import _kdex

        m = _kdex.import_module(self.name)
        if m is not module:
            module.__dict__.update(m.__dict__)

    def get_filename(self, name=None):
        return self.path


class FileFinder:
    pass


SOURCE_SUFFIXES = [".py"]
EXTENSION_SUFFIXES = [".so"]
