# What `list[int]` and `int | str` make; the machine calls these two classes (named again in types).


def _show(a):
    if a is None or a is type(None):
        return "None"
    if a is ...:
        return "..."
    if isinstance(a, type):
        return a.__qualname__ if a.__module__ == "builtins" else f"{a.__module__}.{a.__qualname__}"
    if isinstance(a, list):
        return "[" + ", ".join([_show(x) for x in a]) + "]"
    return repr(a)


def _parameters(args):
    found = []
    for a in args:
        if isinstance(a, list):
            for p in _parameters(a):
                if p not in found:
                    found.append(p)
        elif not isinstance(a, type):
            if hasattr(type(a), "__typing_subst__"):
                if a not in found:
                    found.append(a)
            else:
                for p in getattr(a, "__parameters__", ()):
                    if p not in found:
                        found.append(p)
    return tuple(found)


def _substitute(args, values):
    out = []
    for a in args:
        if isinstance(a, list):
            out.append(list(_substitute(a, values)))
        elif isinstance(a, type):
            out.append(a)
        elif a in values:
            out.append(values[a])
        else:
            inner = getattr(a, "__parameters__", ())
            out.append(a[tuple([values.get(p, p) for p in inner])] if inner else a)
    return tuple(out)


_OWN = frozenset(
    (
        "__origin__",
        "__args__",
        "__parameters__",
        "__unpacked__",
        "__class__",
        "__mro_entries__",
        "__copy__",
        "__deepcopy__",
        "__reduce__",
        "__reduce_ex__",
    )
)


class GenericAlias:
    def __new__(cls, origin, args):
        self = object.__new__(cls)
        if not isinstance(args, tuple):
            args = (args,)
        d = self.__dict__
        d["__origin__"] = origin
        d["__args__"] = args
        d["__unpacked__"] = False
        return self

    def __init__(self, *args, **kwargs):
        pass

    @property
    def __parameters__(self):
        return _parameters(self.__args__)

    def __call__(self, *args, **kwargs):
        made = self.__origin__(*args, **kwargs)
        try:
            made.__orig_class__ = self
        except (AttributeError, TypeError):
            pass
        return made

    def __getattr__(self, name):
        if name in _OWN or (
            name[:2] == "__"
            and name
            not in (
                "__name__",
                "__qualname__",
                "__module__",
                "__doc__",
                "__mro__",
                "__bases__",
                "__subclasses__",
                "__dict__",
                "__init__",
                "__new__",
                "__annotations__",
                "__dataclass_fields__",
                "__len__",
                "__contains__",
            )
        ):
            raise AttributeError(
                f"type object '{getattr(self.__origin__, '__name__', '?')}' has no attribute '{name}'"
            )
        return getattr(self.__origin__, name)

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __getitem__(self, items):
        if not isinstance(items, tuple):
            items = (items,)
        parameters = self.__parameters__
        if not parameters:
            raise TypeError(f"{self!r} is not a generic class")
        if len(items) != len(parameters):
            raise TypeError(
                f"Too {'many' if len(items) > len(parameters) else 'few'} arguments for {self!r}; actual {len(items)}, expected {len(parameters)}"
            )
        return type(self)(self.__origin__, _substitute(self.__args__, dict(zip(parameters, items))))

    def __iter__(self):
        star = GenericAlias(self.__origin__, self.__args__)
        star.__dict__["__unpacked__"] = True
        yield star

    def __repr__(self):
        args = ", ".join([_show(a) for a in self.__args__]) if self.__args__ else "()"
        return ("*" if self.__unpacked__ else "") + f"{_show(self.__origin__)}[{args}]"

    def __eq__(self, other):
        if not isinstance(other, GenericAlias):
            return NotImplemented
        return (
            self.__origin__ == other.__origin__
            and self.__args__ == other.__args__
            and self.__unpacked__ == other.__unpacked__
        )

    def __hash__(self):
        return hash((self.__origin__, self.__args__))

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __instancecheck__(self, obj):
        raise TypeError("isinstance() argument 2 cannot be a parameterized generic")

    def __subclasscheck__(self, cls):
        raise TypeError("issubclass() argument 2 cannot be a parameterized generic")


def _members(args):
    out = []
    for a in args:
        if a is None:
            a = type(None)
        for x in a.__args__ if isinstance(a, UnionType) else (a,):
            if x not in out:
                out.append(x)
    return out


def _union(a, b):
    for x in (a, b):
        if (
            x is not None
            and not isinstance(x, (type, GenericAlias, UnionType))
            and not hasattr(type(x), "__typing_subst__")
        ):
            return NotImplemented
    return union(a, b)


def union(a, b):
    members = _members((a, b))
    if len(members) == 1:
        return members[0]
    made = object.__new__(UnionType)
    made.__dict__["__args__"] = tuple(members)
    return made


class UnionType:
    def __new__(cls, *args):
        raise TypeError("cannot create 'types.UnionType' instances")

    @property
    def __parameters__(self):
        return _parameters(self.__args__)

    def __getitem__(self, items):
        if not isinstance(items, tuple):
            items = (items,)
        out = None
        for a in _substitute(self.__args__, dict(zip(self.__parameters__, items))):
            out = a if out is None else union(out, a)
        return out

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __eq__(self, other):
        if not isinstance(other, UnionType):
            return NotImplemented
        return set(self.__args__) == set(other.__args__)

    def __hash__(self):
        return hash(frozenset(self.__args__))

    def __repr__(self):
        return " | ".join([_show(a) for a in self.__args__])

    def __instancecheck__(self, obj):
        for a in self.__args__:
            if isinstance(obj, a):
                return True
        return False

    def __subclasscheck__(self, cls):
        for a in self.__args__:
            if issubclass(cls, a):
                return True
        return False


GenericAlias.__module__ = UnionType.__module__ = "types"
