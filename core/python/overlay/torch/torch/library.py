# Operators that Python registers: kept in torch._ops.registry.
import functools
import inspect
import typing

from torch._ops import entry, ops
from torch._tensor import Tensor
from torch._types import Tag


class _Name:
    def __init__(self, name):
        self.name = name


class Library:
    def __init__(self, ns, kind, dispatch_key=""):
        self.ns = ns
        self.kind = kind
        self.dispatch_key = dispatch_key
        self.m = _Name(ns)
        self._op_impls = set()

    def define(self, schema, alias_analysis="", *, tags=()):
        name = schema.split("(")[0].split(".")[0].split("::")[-1].strip()
        found = entry(self.ns, name)
        found["schema"] = schema
        found["tags"] = tags
        return self.ns + "::" + name

    def impl(self, op_name, fn, dispatch_key="", *, with_keyset=False, allow_override=False):
        name = op_name if isinstance(op_name, str) else op_name.__name__
        name = name.split("::")[-1].split(".")[0]
        key = dispatch_key or self.dispatch_key or "CompositeImplicitAutograd"
        found = entry(self.ns, name)
        if key == "Meta":
            found["fake"] = fn
        found["impl"][key] = fn

    def _register_fake(self, op_name, fn, _stacklevel=1, *, allow_override=False):
        entry(self.ns, op_name.split("::")[-1].split(".")[0])["fake"] = fn

    def fallback(self, fn, dispatch_key="", *, with_keyset=False):
        return None

    def _impl_with_aoti_compile(self, op_name, dispatch_key=""):
        return None

    def _destroy(self):
        return None


def _split(qualname):
    ns, _, name = qualname.partition("::")
    return ns, name.split(".")[0]


class CustomOpDef:
    def __init__(self, namespace, name, schema, fn):
        self._namespace = namespace
        self._name = name
        self._qualname = namespace + "::" + name
        self._schema = schema
        self._init_fn = fn
        found = entry(namespace, name)
        self._opoverload = getattr(getattr(ops, namespace), name).default
        found["impl"]["CompositeExplicitAutograd"] = fn
        self.__name__ = name

    def __call__(self, *args, **kwargs):
        return getattr(getattr(ops, self._namespace), self._name)(*args, **kwargs)

    def register_fake(self, fn):
        entry(self._namespace, self._name)["fake"] = fn
        return fn

    def register_kernel(self, device_types, fn=None):
        def keep(f):
            entry(self._namespace, self._name)["impl"]["CUDA"] = f
            return f

        return keep if fn is None else keep(fn)

    def register_autograd(self, backward, *, setup_context=None):
        return None

    def register_vmap(self, func=None):
        return func if func is not None else (lambda f: f)

    def set_kernel_enabled(self, device_type, enabled=True):
        return self

    def __repr__(self):
        return "<CustomOpDef(%s)>" % self._qualname


def custom_op(name, fn=None, *, mutates_args=(), device_types=None, schema=None, tags=None):
    def make(f):
        ns, short = _split(name)
        return CustomOpDef(ns, short, schema, f)

    return make if fn is None else make(fn)


def triton_op(name, fn=None, *, mutates_args=(), schema=None):
    return custom_op(name, fn, mutates_args=mutates_args, schema=schema)


def wrap_triton(kernel):
    return kernel


def register_fake(op, func=None, *, lib=None, _stacklevel=1, allow_override=False):
    def keep(f):
        if isinstance(op, str):
            ns, name = _split(op)
        else:
            ns, name = op._namespace, getattr(op, "_name", op.__name__)
        entry(ns, name)["fake"] = f
        return f

    return keep if func is None else keep(func)


impl_abstract = register_fake


def register_kernel(op, device_types, func=None, *, lib=None):
    def keep(f):
        ns, name = _split(op) if isinstance(op, str) else (op._namespace, op._name)
        entry(ns, name)["impl"]["CUDA"] = f
        return f

    return keep if func is None else keep(func)


def register_autograd(op, backward, *, setup_context=None, lib=None):
    return None


def register_vmap(op, func=None, *, lib=None):
    return func if func is not None else (lambda f: f)


def define(qualname, schema=None, *, lib=None, tags=()):
    ns, name = _split(qualname)
    entry(ns, name)["schema"] = schema


def impl(qualname, types, func=None, *, lib=None):
    def keep(f):
        ns, name = _split(qualname)
        entry(ns, name)["impl"]["CUDA"] = f
        return f

    return keep if func is None else keep(func)


def get_ctx():
    return None


def opcheck(*args, **kwargs):
    return {}


def fallthrough_kernel():
    return None


_NAMES = {int: "SymInt", float: "float", bool: "bool", str: "str", Tensor: "Tensor"}


def _type_name(t):
    import torch
    from torch._library.opaque_object import get_opaque_type_name, is_opaque_type

    if t in _NAMES:
        return _NAMES[t]
    if t is torch.dtype:
        return "ScalarType"
    if t is torch.device:
        return "Device"
    if t is complex:
        return "Scalar"
    if is_opaque_type(t):
        return get_opaque_type_name(t)
    origin = typing.get_origin(t)
    args = typing.get_args(t)
    if args and type(None) in args:
        rest = [a for a in args if a is not type(None)]
        return _type_name(rest[0]) + "?"
    if origin in (list, tuple) or getattr(origin, "__name__", "") == "Sequence":
        return _type_name(args[0]) + "[]"
    if args:
        return "Scalar"
    raise ValueError("infer_schema(func): Parameter has unsupported type %s." % (t,))


def infer_schema(prototype_function, *, mutates_args=(), op_name=None):
    out = []
    star = False
    sig = inspect.signature(prototype_function)
    hints = typing.get_type_hints(prototype_function)
    for i, (name, p) in enumerate(sig.parameters.items()):
        if p.kind == inspect.Parameter.KEYWORD_ONLY and not star:
            out.append("*")
            star = True
        t = _type_name(hints.get(name, p.annotation))
        if mutates_args == "unknown" or name in mutates_args:
            t = "Tensor(a%d!)%s" % (i, t[len("Tensor") :]) if t.startswith("Tensor") else t
        text = t + " " + name
        if p.default is not inspect.Parameter.empty:
            d = p.default
            text += "=" + ('"%s"' % d if isinstance(d, str) else str(d))
        out.append(text)
    r = hints.get("return", sig.return_annotation)
    if r is None or r is type(None):
        back = "()"
    elif typing.get_origin(r) is tuple:
        back = "(" + ", ".join([_type_name(a) for a in typing.get_args(r)]) + ")"
    else:
        back = _type_name(r)
    return (op_name or "") + "(" + ", ".join(out) + ") -> " + back
