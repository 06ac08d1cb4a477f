# inspect: signatures and kinds of objects. Source text is not available to evaluated code.
import _kdex
import types
import functools
from types import (
    FunctionType,
    MethodType,
    BuiltinFunctionType,
    CodeType,
    ModuleType,
    GeneratorType,
    CoroutineType,
    AsyncGeneratorType,
    MappingProxyType,
)

(
    CO_OPTIMIZED,
    CO_NEWLOCALS,
    CO_VARARGS,
    CO_VARKEYWORDS,
    CO_NESTED,
    CO_GENERATOR,
    CO_COROUTINE,
    CO_ASYNC_GENERATOR,
) = 1, 2, 4, 8, 16, 32, 128, 512


class _empty:
    pass


class _Kind(int):
    def __new__(cls, v, name, description):
        o = super().__new__(cls, v)
        o.name, o.description = name, description
        return o

    @property
    def value(self):
        return int(self)

    def __str__(self):
        return self.name

    def __repr__(self):
        return f"<_ParameterKind.{self.name}: {int(self)}>"


_PO = _Kind(0, "POSITIONAL_ONLY", "positional-only")
_PK = _Kind(1, "POSITIONAL_OR_KEYWORD", "positional or keyword")
_VP = _Kind(2, "VAR_POSITIONAL", "variadic positional")
_KO = _Kind(3, "KEYWORD_ONLY", "keyword-only")
_VK = _Kind(4, "VAR_KEYWORD", "variadic keyword")


def formatannotation(a, base_module=None):
    if getattr(a, "__module__", None) == "typing":
        return repr(a).replace("typing.", "")
    if isinstance(a, types.GenericAlias):
        return str(a)
    if isinstance(a, type):
        return (
            a.__qualname__
            if a.__module__ in ("builtins", base_module)
            else a.__module__ + "." + a.__qualname__
        )
    return repr(a)


class Parameter:
    POSITIONAL_ONLY, POSITIONAL_OR_KEYWORD, VAR_POSITIONAL, KEYWORD_ONLY, VAR_KEYWORD = (
        _PO,
        _PK,
        _VP,
        _KO,
        _VK,
    )
    empty = _empty
    __slots__ = ("name", "kind", "default", "annotation")

    def __init__(self, name, kind, *, default=_empty, annotation=_empty):
        if default is not _empty and kind in (_VP, _VK):
            raise ValueError(f"{kind.description} parameters cannot have default values")
        self.name, self.kind, self.default, self.annotation = name, kind, default, annotation

    def replace(self, **kw):
        return Parameter(
            kw.get("name", self.name),
            kw.get("kind", self.kind),
            default=kw.get("default", self.default),
            annotation=kw.get("annotation", self.annotation),
        )

    def __str__(self):
        s = self.name
        if self.annotation is not _empty:
            s += ": " + formatannotation(self.annotation)
        if self.default is not _empty:
            s += (" = " if self.annotation is not _empty else "=") + repr(self.default)
        return "*" + s if self.kind == _VP else "**" + s if self.kind == _VK else s

    def __repr__(self):
        return f'<Parameter "{self}">'

    def __eq__(self, o):
        if not isinstance(o, Parameter):
            return NotImplemented
        return (
            self.name == o.name
            and self.kind == o.kind
            and self.default == o.default
            and self.annotation == o.annotation
        )

    def __hash__(self):
        return hash((self.name, int(self.kind)))


class BoundArguments:
    def __init__(self, signature, arguments):
        self.signature, self.arguments = signature, arguments

    @property
    def args(self):
        out = []
        for n, p in self.signature.parameters.items():
            if p.kind in (_KO, _VK) or n not in self.arguments:
                break
            if p.kind == _VP:
                out.extend(self.arguments[n])
            else:
                out.append(self.arguments[n])
        return tuple(out)

    @property
    def kwargs(self):
        out, started = {}, False
        for n, p in self.signature.parameters.items():
            if not started:
                if p.kind in (_KO, _VK):
                    started = True
                elif n not in self.arguments:
                    started = True
                    continue
            if not started or n not in self.arguments:
                continue
            if p.kind == _VK:
                out.update(self.arguments[n])
            else:
                out[n] = self.arguments[n]
        return out

    def apply_defaults(self):
        new = {}
        for n, p in self.signature.parameters.items():
            if n in self.arguments:
                new[n] = self.arguments[n]
            elif p.default is not _empty:
                new[n] = p.default
            elif p.kind == _VP:
                new[n] = ()
            elif p.kind == _VK:
                new[n] = {}
        self.arguments = new

    def __eq__(self, o):
        return (
            isinstance(o, BoundArguments)
            and self.signature == o.signature
            and self.arguments == o.arguments
        )

    def __repr__(self):
        return f"<BoundArguments ({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})>"


class Signature:
    empty = _empty

    def __init__(self, parameters=None, *, return_annotation=_empty, __validate_parameters__=True):
        self._table = {p.name: p for p in parameters or ()}
        self.return_annotation = return_annotation

    @property
    def parameters(self):
        return MappingProxyType(self._table)

    @classmethod
    def from_callable(cls, obj, **kw):
        return signature(obj)

    def replace(self, *, parameters=_empty, return_annotation=_empty):
        return Signature(
            self._table.values() if parameters is _empty else parameters,
            return_annotation=self.return_annotation
            if return_annotation is _empty
            else return_annotation,
        )

    def __eq__(self, o):
        if not isinstance(o, Signature):
            return NotImplemented
        return (
            list(self._table.values()) == list(o._table.values())
            and self.return_annotation == o.return_annotation
        )

    def __hash__(self):
        return hash(tuple(self._table))

    def __str__(self):
        out, pos_only, star = [], False, True
        for p in self._table.values():
            if p.kind == _PO:
                pos_only = True
            elif pos_only:
                out.append("/")
                pos_only = False
            if p.kind == _VP:
                star = False
            elif p.kind == _KO and star:
                out.append("*")
                star = False
            out.append(str(p))
        if pos_only:
            out.append("/")
        s = f"({', '.join(out)})"
        return (
            s
            if self.return_annotation is _empty
            else f"{s} -> {formatannotation(self.return_annotation)}"
        )

    def __repr__(self):
        return f"<Signature {self}>"

    def _bind(self, args, kw, partial):
        got, args, kw = {}, list(args), dict(kw)
        for n, p in self._table.items():
            k = p.kind
            if k == _VP:
                got[n] = tuple(args)
                args = []
            elif k == _VK:
                continue
            elif k != _KO and args:
                if n in kw and k == _PK:
                    raise TypeError(f"multiple values for argument {n!r}")
                got[n] = args.pop(0)
            elif n in kw and k != _PO:
                got[n] = kw.pop(n)
            elif p.default is _empty and not partial:
                if k == _KO:
                    raise (
                        TypeError(f"missing a required keyword-only argument: {n!r}")
                        if False
                        else TypeError(f"missing a required argument: {n!r}")
                    )
                raise TypeError(f"missing a required argument: {n!r}")
        if args:
            raise TypeError("too many positional arguments")
        vk = [n for n, p in self._table.items() if p.kind == _VK]
        if kw:
            if not vk:
                raise TypeError(f"got an unexpected keyword argument {next(iter(kw))!r}")
            got[vk[0]] = kw
        got = {n: v for n, v in got.items() if not (self._table[n].kind == _VP and v == ())}
        return BoundArguments(self, {n: got[n] for n in self._table if n in got})

    def bind(self, /, *args, **kw):
        return self._bind(args, kw, False)

    def bind_partial(self, /, *args, **kw):
        return self._bind(args, kw, True)


class _Factory:
    def __repr__(self):
        return "<factory>"


def _of_function(f):
    dc = getattr(f, "_dataclass_parameters", None)
    if dc is not None:
        from dataclasses import MISSING

        ps = [Parameter("self", _PK)]
        for group, kind in zip(dc, (_PK, _KO)):
            for x in group:
                d = (
                    x.default
                    if x.default is not MISSING
                    else _Factory()
                    if x.default_factory is not MISSING
                    else _empty
                )
                ps.append(
                    Parameter(
                        x.name, kind, default=d, annotation=f.__annotations__.get(x.name, x.type)
                    )
                )
        return Signature(ps, return_annotation=None)
    c = f.__code__
    names, n, po, ko = c.co_varnames, c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount
    ann = f.__annotations__
    dflt = f.__defaults__ or ()
    kwd = f.__kwdefaults__ or {}
    first = n - len(dflt)
    ps = []
    for i in range(n):
        ps.append(
            Parameter(
                names[i],
                _PO if i < po else _PK,
                default=dflt[i - first] if i >= first else _empty,
                annotation=ann.get(names[i], _empty),
            )
        )
    at = n + ko
    if c.co_flags & CO_VARARGS:
        ps.append(Parameter(names[at], _VP, annotation=ann.get(names[at], _empty)))
        at += 1
    for k in names[n : n + ko]:
        ps.append(Parameter(k, _KO, default=kwd.get(k, _empty), annotation=ann.get(k, _empty)))
    if c.co_flags & CO_VARKEYWORDS:
        ps.append(Parameter(names[at], _VK, annotation=ann.get(names[at], _empty)))
    return Signature(ps, return_annotation=ann.get("return", _empty))


def _drop_first(s):
    ps = list(s._table.values())
    if ps and ps[0].kind in (_PO, _PK):
        ps = ps[1:]
    return s.replace(parameters=ps)


def _of_partial(p):
    s = signature(p.func)
    left, out, kw_only = len(p.args), [], False
    for q in s._table.values():
        if q.kind in (_PO, _PK) and left:
            left -= 1
            continue
        if q.name in p.keywords and q.kind in (_PK, _KO):
            q = q.replace(default=p.keywords[q.name], kind=_KO)
            kw_only = True
        elif kw_only and q.kind == _PK:
            q = q.replace(kind=_KO)
        elif kw_only and q.kind == _VP:
            continue
        out.append(q)
    return s.replace(parameters=out)


def signature(obj, *, follow_wrapped=True, globals=None, locals=None, eval_str=False):
    if not callable(obj):
        raise TypeError(f"{obj!r} is not a callable object")
    if isinstance(obj, MethodType):
        return _drop_first(signature(obj.__func__))
    if follow_wrapped:
        obj = unwrap(obj, stop=lambda f: hasattr(f, "__signature__") or isinstance(f, MethodType))
        if isinstance(obj, MethodType):
            return signature(obj)
    s = None if isinstance(obj, type) else getattr(obj, "__signature__", None)
    if isinstance(obj, type):
        s = obj.__dict__.get("__signature__")
    if isinstance(s, Signature):
        return s
    if isinstance(obj, FunctionType):
        return _of_function(obj)
    if isinstance(obj, functools.partial):
        return _of_partial(obj)
    if isinstance(obj, type):
        call = (
            type(obj).__call__
            if type(obj) is not type
            and "__call__" in type(obj).__dict__
            and isinstance(type(obj).__dict__["__call__"], FunctionType)
            else None
        )
        new, init = getattr(obj, "__new__", None), getattr(obj, "__init__", None)
        for c in obj.__mro__:
            d = c.__dict__
            if "__new__" in d and c is not object and isinstance(new, FunctionType):
                return _drop_first(_of_function(new))
            if "__init__" in d and c is not object and isinstance(init, FunctionType):
                return _drop_first(signature(init))
        if obj.__init__ is object.__init__ or not isinstance(init, FunctionType):
            if obj.__module__ == "builtins" and obj is not object:
                raise ValueError(f"no signature found for builtin type {obj!r}")
            return Signature()
    call = getattr(type(obj), "__call__", None)
    if isinstance(call, FunctionType):
        return _drop_first(signature(call))
    if _kdex.is_unknown(obj):
        names = unknown_parameters(repr(obj)[len("<unknown ") : -1])
        if names is not None:
            return Signature(
                [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None) for name in names]
            )
    raise ValueError(f"no signature found for builtin {obj!r}")


def unknown_parameters(name):
    """Names of the parameters of a function that is not in the sources, or None. A driver that
    knows them puts its own function here."""
    return None


def unwrap(func, *, stop=None):
    seen = 0
    while (
        hasattr(func, "__wrapped__")
        and not isinstance(func, type)
        and not (stop is not None and stop(func))
    ):
        func = func.__wrapped__
        seen += 1
        if seen > 1000:
            raise ValueError("wrapper loop when unwrapping")
    return func


class FullArgSpec(tuple):
    args, varargs, varkw, defaults, kwonlyargs, kwonlydefaults, annotations = (
        property(lambda s, i=i: s[i]) for i in range(7)
    )


def getfullargspec(func):
    s = (
        signature(func.__func__, follow_wrapped=False)
        if isinstance(func, MethodType)
        else signature(func, follow_wrapped=False)
    )
    args, dflt, kwo, kwd, va, vk, ann = [], [], [], {}, None, None, {}
    for p in s._table.values():
        if p.kind in (_PO, _PK):
            args.append(p.name)
            if p.default is not _empty:
                dflt.append(p.default)
        elif p.kind == _VP:
            va = p.name
        elif p.kind == _KO:
            kwo.append(p.name)
            if p.default is not _empty:
                kwd[p.name] = p.default
        else:
            vk = p.name
        if p.annotation is not _empty:
            ann[p.name] = p.annotation
    if s.return_annotation is not _empty:
        ann["return"] = s.return_annotation
    return FullArgSpec((args, va, vk, tuple(dflt) or None, kwo, kwd or None, ann))


def isclass(o):
    return isinstance(o, type)


def isfunction(o):
    return isinstance(o, FunctionType)


def ismethod(o):
    return isinstance(o, MethodType)


def isbuiltin(o):
    return isinstance(o, BuiltinFunctionType)


def ismodule(o):
    return isinstance(o, ModuleType)


def iscode(o):
    return isinstance(o, CodeType)


def isgenerator(o):
    return isinstance(o, GeneratorType)


def iscoroutine(o):
    return isinstance(o, CoroutineType)


def isasyncgen(o):
    return isinstance(o, AsyncGeneratorType)


def istraceback(o):
    return False


def isframe(o):
    return False


def isroutine(o):
    return isinstance(
        o, (FunctionType, MethodType, BuiltinFunctionType, types.MethodDescriptorType)
    )


def _flag(f, bit):
    while isinstance(f, functools.partial):
        f = f.func
    f = getattr(f, "__func__", f)
    return isinstance(f, FunctionType) and bool(f.__code__.co_flags & bit)


def isgeneratorfunction(f):
    return _flag(f, CO_GENERATOR)


def iscoroutinefunction(f):
    return _flag(f, CO_COROUTINE)


def isasyncgenfunction(f):
    return _flag(f, CO_ASYNC_GENERATOR)


def isawaitable(o):
    return isinstance(o, CoroutineType) or hasattr(type(o), "__await__")


def isabstract(o):
    return (
        isinstance(o, type)
        and bool(getattr(o, "__abstractmethods__", None))
        and bool(o.__dict__.get("__abstractmethods__", True))
    )


def isdatadescriptor(o):
    if isinstance(o, (type, FunctionType, MethodType)):
        return False
    return isinstance(o, property) or hasattr(type(o), "__set__") or hasattr(type(o), "__delete__")


def ismethoddescriptor(o):
    if isinstance(o, (type, FunctionType, MethodType)):
        return False
    return hasattr(type(o), "__get__") and not hasattr(type(o), "__set__")


def getmro(cls):
    return cls.__mro__


def getmembers(obj, predicate=None):
    out = []
    for n in dir(obj):
        try:
            v = getattr(obj, n)
        except AttributeError:
            continue
        if predicate is None or predicate(v):
            out.append((n, v))
    out.sort(key=lambda kv: kv[0])
    return out


def getattr_static(obj, attr, default=_empty):
    if isinstance(obj, type):
        places = list(obj.__mro__) + list(type(obj).__mro__)
    else:
        d = getattr(obj, "__dict__", {})
        if attr in d and not any(
            attr in c.__dict__ and isdatadescriptor(c.__dict__[attr]) for c in type(obj).__mro__
        ):
            return d[attr]
        places = type(obj).__mro__
    for c in places:
        if attr in c.__dict__:
            return c.__dict__[attr]
    if default is _empty:
        raise AttributeError(attr)
    return default


def cleandoc(doc):
    lines = doc.expandtabs().split("\n")
    margin = min([len(s) - len(s.lstrip()) for s in lines[1:] if s.lstrip()], default=0)
    lines = [lines[0].lstrip()] + [s[margin:] for s in lines[1:]]
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines)


def getdoc(obj):
    d = getattr(obj, "__doc__", None)
    return cleandoc(d) if isinstance(d, str) else None


def getmodule(obj, _filename=None):
    import sys

    if isinstance(obj, ModuleType):
        return obj
    return sys.modules.get(getattr(obj, "__module__", None))


def getmodulename(path):
    n = path.rsplit("/", 1)[-1]
    return n[:-3] if n.endswith(".py") else None


def getfile(obj):
    if isinstance(obj, ModuleType):
        return obj.__file__
    obj = getattr(obj, "__func__", obj)
    if isinstance(obj, FunctionType):
        return obj.__code__.co_filename
    m = getmodule(obj)
    f = getattr(m, "__file__", None)
    if f is None:
        raise TypeError(f"{obj!r} is a built-in {'class' if isinstance(obj, type) else 'object'}")
    return f


getsourcefile = getabsfile = getfile


def getsource(obj):
    text = _kdex.source_of(unwrap(obj))
    if text is None:
        raise OSError("could not get source code")
    return text


def getsourcelines(obj):
    return getsource(obj).splitlines(True), unwrap(obj).__code__.co_firstlineno


class FrameInfo(tuple):
    frame, filename, lineno, function, code_context, index = (
        property(lambda s, i=i: s[i]) for i in range(6)
    )


def currentframe():
    return None


def stack(context=1):
    return []


def getframeinfo(frame, context=1):
    return FrameInfo((None, "", 0, "", None, None))


def getcallargs(func, /, *args, **kw):
    b = signature(func).bind(*args, **kw)
    b.apply_defaults()
    return b.arguments


def get_annotations(obj, *, globals=None, locals=None, eval_str=False):
    if isinstance(obj, type):
        found, where = dict(obj.__dict__.get("__annotations__", {})), obj.__module__
    else:
        found = dict(getattr(obj, "__annotations__", None) or {})
        where = (
            getattr(unwrap(obj), "__globals__", None)
            or getattr(obj, "__module__", None)
            or getattr(obj, "__name__", None)
        )
    if not eval_str:
        return found
    if globals is not None:
        where = globals
    if locals is None and isinstance(obj, type):
        locals = dict(vars(obj))
    return {
        k: _kdex.eval_annotation(v, where, locals) if isinstance(v, str) else v
        for k, v in found.items()
    }


def getclosurevars(func):
    raise TypeError("closure variables are not available")
