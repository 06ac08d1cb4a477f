# The registry of model classes, where a model's file is run when its class is asked for; and the files
# that fail, which SGLang leaves out with a warning.
import _kdex

from driver_common.release import module_of


class Names:
    """The registry's architectures: one is held against a file only where it is asked for."""

    def __init__(self, models):
        self.models = models

    def __contains__(self, name):
        return name in self.models

    def __iter__(self):
        return iter(self.models)

    def __len__(self):
        return len(self.models)

    def __repr__(self):
        return f"dict_keys({list(self)})"


class Models(dict):
    """Architecture -> class, where a model's file is run when its class is asked for.

    SGLang's registry imports every model file to learn what it declares, and leaves out the classes
    of a file that fails, with a warning; the declaration itself is enough to list them.
    """

    def __init__(self):
        super().__init__()
        self.broken = []  # (module, exception) of the files that failed
        self.tried = set()

    def load(self, module):
        """The module's classes by name; none where its file fails, as in the engine."""
        try:
            entry = getattr(_kdex.import_module(module), "EntryClass", [])
        except Exception as error:
            self.leave_out(module, error)
            return {}
        return {cls.__name__: cls for cls in (entry if isinstance(entry, list) else [entry])}

    def leave_out(self, module, error):
        if module not in self.tried:
            self.tried.add(module)
            self.broken.append((module, error))
            registry = module_of("sglang.srt.models.registry")
            registry.logger.warning(f"Ignore import error when loading {module}: {error}")

    def find(self, name):
        found = dict.get(self, name)
        if isinstance(found, str):
            found = self.load(found).get(name)
            if found is None:
                del self[name]
            else:
                self[name] = found
        return found

    def look_for_broken_files(self):
        """Where an architecture is not declared, its file may be one that does not parse."""
        package = "sglang.srt.models"
        if self.tried or not hasattr(_kdex, "run_all"):
            return
        self.tried.add(package)
        for name, is_package in _kdex.list_modules(package):
            module = package + "." + name
            if not is_package and module not in self.tried:
                try:
                    getattr(_kdex.import_module(module), "_", None)  # any name: the file is parsed
                except SyntaxError as error:
                    self.leave_out(module, error)
                except Exception:
                    pass  # its classes are declared, and it fails where one of them is asked for

    def __contains__(self, name):
        if self.find(name) is None:
            self.look_for_broken_files()
            return False
        return True

    def __getitem__(self, name):
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def get(self, name, default=None):
        return self[name] if name in self else default

    def keys(self):
        return Names(self)

    def values(self):
        return [found for _, found in self.items()]

    def items(self):
        return [(name, found) for name in list(self) if (found := self.find(name)) is not None]


def use_declared_models(declared):
    """Fills the registry with what the model files declare: architecture -> module."""
    registry = module_of("sglang.srt.models.registry")
    if hasattr(_kdex, "run_all"):
        registry.import_model_classes = lambda *args, **kwargs: {}
    models = Models()
    for name, module in declared.items():
        models.setdefault(name, module)
    registry.ModelRegistry.models = models
    return models
