# torch.ops and torch.classes: operators by namespace. One that nobody has registered from Python gives an unknown when it is called.
import _kdex

from torch import _launches

# (namespace, name) -> {"schema": text, "impl": {dispatch key: function}, "fake": function}
registry = {}


def entry(namespace, name):
    key = (namespace, name)
    found = registry.get(key)
    if found is None:
        found = registry[key] = {"schema": None, "impl": {}, "fake": None, "tags": ()}
    return found


class OpOverloadPacket:
    def __init__(self, namespace, name):
        self._namespace = namespace
        self.__name__ = name
        self.__module__ = "torch.ops." + namespace
        self._qualified_op_name = namespace + "::" + name

    def __call__(self, *args, **kwargs):
        found = registry.get((self._namespace, self.__name__))
        if found is not None:
            impl = found["impl"]
            function = (
                impl.get("CUDA")
                or impl.get("CompositeExplicitAutograd")
                or impl.get("CompositeImplicitAutograd")
                or found["fake"]
                or impl.get("CPU")
            )
            if function is not None:
                return function(*args, **kwargs)
        if self._namespace == "aten":
            import torch

            function = getattr(torch, self.__name__, None)
            if function is not None:
                return function(*args, **kwargs)
        if _launches.listener is not None:
            return _launches.listener.operator(self._namespace, self.__name__, args, kwargs)
        return _kdex.unknown("torch.ops.%s.%s" % (self._namespace, self.__name__))

    op = __call__

    def overloads(self):
        return ["default"]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return OpOverload(self, name)

    def __repr__(self):
        return "<OpOverloadPacket(op='%s.%s')>" % (self._namespace, self.__name__)


class OpOverload:
    def __init__(self, packet, overload):
        self._overloadpacket = packet
        self._overloadname = overload
        self.namespace = packet._namespace
        self.__name__ = packet.__name__ + "." + overload
        self._schema = None
        self.tags = ()

    def __call__(self, *args, **kwargs):
        return self._overloadpacket(*args, **kwargs)

    def name(self):
        return self._overloadpacket._qualified_op_name

    def __repr__(self):
        return "<OpOverload(op='%s.%s', overload='%s')>" % (
            self.namespace,
            self._overloadpacket.__name__,
            self._overloadname,
        )


def _has(namespace, name):
    return (
        namespace in open_namespaces
        or (namespace, name) in registry
        or name in installed.get(namespace, ())
    )


class _OpNamespace:
    def __init__(self, name):
        self.__dict__["name"] = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        here = self.__dict__["name"]
        if not _has(here, name) and _launches.listener is not None:
            _kdex.run_all(_kdex.caller_module(1))  # it registers what it calls
        if not _has(here, name):
            raise AttributeError("'_OpNamespace' '%s' object has no attribute '%s'" % (here, name))
        op = self.__dict__[name] = OpOverloadPacket(here, name)
        return op

    def __dir__(self):
        return [n for s, n in registry if s == self.__dict__["name"]]

    def __repr__(self):
        return "<module 'torch.ops.%s'>" % self.__dict__["name"]


# Namespaces where every name is taken to exist; elsewhere there is what Python registers and what `installed` names.
open_namespaces = {
    "aten",
    "prims",
    "prim",
    "c10d",
    "_c10d_functional",
    "symm_mem",
    "inductor",
    "quantized",
    "profiler",
    "rngprims",
    "higher_order",
}
# operators of compiled extensions, by namespace; the driver fills it
installed = {}


class _Ops:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        space = self.__dict__[name] = _OpNamespace(name)
        return space

    def load_library(self, path):
        return None

    @property
    def loaded_libraries(self):
        return set()


class _Classes:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _kdex.unknown("torch.classes." + name)

    def load_library(self, path):
        return None


ops = _Ops()
classes = _Classes()
