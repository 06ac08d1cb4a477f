# enum: Enum and its kin. Members are made when the class is made, from the class body's names in
# order; a member is then a plain class attribute, so reading one costs an attribute lookup.
import builtins
import _kdex


class auto:
    def __init__(self, value=None):
        self.value = value


class nonmember:
    def __init__(self, value):
        self.value = value


class member:
    def __init__(self, value):
        self.value = value


class FlagBoundary:
    def __init__(self, name):
        self.name = self.value = name

    def __repr__(self):
        return f"<FlagBoundary.{self.name}: {self.name.lower()!r}>"


STRICT, CONFORM, EJECT, KEEP = map(FlagBoundary, ("STRICT", "CONFORM", "EJECT", "KEEP"))


class property:
    """A property that gives way to a member of the same name when read through the class."""

    def __init__(self, fget=None, fset=None, fdel=None, doc=None):
        self.fget, self.fset, self.fdel, self.__doc__ = fget, fset, fdel, doc
        self.name = None

    def __set_name__(self, owner, name):
        self.name, self.owner = name, owner.__name__

    def __get__(self, inst, owner=None):
        if inst is None:
            m = owner._member_map_.get(self.name)
            if m is not None:
                return m
            raise AttributeError(self.name)
        return self.fget(inst)

    def __set__(self, inst, value):
        if self.fset is not None:
            return self.fset(inst, value)
        raise AttributeError(f"<enum {self.owner!r}> cannot set attribute {self.name!r}")

    def __delete__(self, inst):
        raise AttributeError(f"<enum {self.owner!r}> cannot delete attribute {self.name!r}")

    def setter(self, f):
        return type(self)(self.fget, f, self.fdel, self.__doc__)


_function = type(lambda: 0)
_natives = (int, float, str, bytes, tuple, list, dict, set, frozenset)


def _is_descriptor(v):
    t = type(v)
    return (
        t is _function or hasattr(t, "__get__") or hasattr(t, "__set__") or hasattr(t, "__delete__")
    )


def _data_type(bases):
    for b in bases:
        candidate = None
        for c in b.__mro__:
            if c is object:
                continue
            if isinstance(c, EnumType):
                if c._member_type_ is not object:
                    return c._member_type_
            elif c in _natives or "__new__" in c.__dict__ or "__dataclass_fields__" in c.__dict__:
                return candidate or c
            else:
                candidate = candidate or c
    return object


def _next_value(name, start, count, last):
    if not last:
        return start
    v = sorted(last)[-1]
    return v + 1


class _Body(dict):
    """A class body: auto() gets its value when it is assigned, so that later lines can use it."""

    def __init__(self, cls_name, generate):
        self._cls_name, self._generate, self._last, self._order, self._ignore = (
            cls_name,
            generate,
            [],
            [],
            (),
        )

    def _auto(self, key, a):
        if a.value is None:
            a.value = self._generate(key, 1, len(self._order), self._last[:])
        return a.value

    def __setitem__(self, key, value):
        if key[:1] == "_" and (
            key[:2] == "__"
            and key[-2:] == "__"
            or key[-1:] == "_"
            or key.startswith("_" + self._cls_name + "__")
        ):
            if key == "_generate_next_value_":
                self._generate = value.__func__ if isinstance(value, staticmethod) else value
            elif key == "_ignore_":
                value = self._ignore = (
                    value.replace(",", " ").split() if isinstance(value, str) else list(value)
                )
        elif key in self._ignore:
            pass
        elif isinstance(value, nonmember):
            value = value.value
        elif isinstance(value, (auto, member)) or not _is_descriptor(value):
            if key in self._order:
                raise TypeError(f"{key!r} already defined as {self[key]!r}")
            if isinstance(value, member):
                value = value.value
            if isinstance(value, auto):
                value = self._auto(key, value)
            elif type(value) is tuple:
                value = tuple([self._auto(key, v) if isinstance(v, auto) else v for v in value])
            self._order.append(key)
            self._last.append(value)
        elif key in self._order:
            raise TypeError(f"{key!r} already defined as {self[key]!r}")
        dict.__setitem__(self, key, value)

    def update(self, other=(), **kw):
        for k, v in other.items() if isinstance(other, dict) else other:
            self[k] = v
        for k, v in kw.items():
            self[k] = v


def _single(n):
    return isinstance(n, int) and n > 0 and n & (n - 1) == 0


class EnumType(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        first = None
        for b in bases:
            if isinstance(b, EnumType):
                first = b
                if b._member_names_:
                    raise TypeError(f"<enum {name!r}> cannot extend {b!r}")
        return _Body(name, _next_value if first is None else first._generate_next_value_)

    def __new__(mcls, name, bases, body, *, boundary=None, _simple=False, **kw):
        if not isinstance(body, _Body):
            plain, body = body, mcls.__prepare__(name, bases)
            body.update(plain)
        order = body._order
        ns = {
            k: v
            for k, v in body.items()
            if k not in order and k not in body._ignore and k != "_ignore_"
        }
        g = ns.get("_generate_next_value_")
        if g is not None and not isinstance(g, staticmethod):
            ns["_generate_next_value_"] = staticmethod(g)
        dt = _data_type(bases) if bases else object
        first = None
        for b in bases:
            if isinstance(b, EnumType):
                first = b
        make = ns.pop("__new__", None) if first is not None else None
        if make is not None:
            if isinstance(make, staticmethod):
                make = make.__func__
            ns["_saved_new_"] = staticmethod(make)
        ns["_member_names_"] = []
        ns["_member_map_"] = {}
        ns["_value2member_map_"] = {}
        ns["_member_type_"] = dt
        flag = first is not None and getattr(first, "_is_flag_", False)
        if flag:
            ns["_flag_mask_"] = ns["_all_bits_"] = 0
            ns["_boundary_"] = boundary or getattr(first, "_boundary_", None)
        cls = super().__new__(mcls, name, bases, ns, **kw)
        if first is None:
            return cls
        if any(["_is_repr_enum_" in b.__dict__ for b in bases]):
            if "__format__" not in ns:
                ns["__format__"] = dt.__format__
                type.__setattr__(cls, "__format__", dt.__format__)
            if "__str__" not in ns:
                m = dt.__str__
                ns["__str__"] = m
                type.__setattr__(cls, "__str__", dt.__repr__ if m == object.__str__ else m)
        for m in ("__repr__", "__str__", "__format__", "__reduce_ex__"):
            if m not in ns:
                found = getattr(cls, m, None)
                if found in (getattr(dt, m, None), getattr(object, m, None)):
                    em = getattr(first, m, None)
                    if em is not found and em is not None:
                        type.__setattr__(cls, m, em)
        use_args = True
        if make is None:
            make = getattr(first, "_saved_new_", None)
            if make is None:
                make, use_args = dt.__new__, dt is not object
        for n in order:
            _add_member(cls, n, body[n], make, use_args, dt, flag)
        if dt is not object or "_saved_new_" in ns:
            type.__setattr__(cls, "__new__", staticmethod(Enum.__new__))
        if not flag:
            return cls
        names = [n for n in cls._member_names_ if _single(cls._member_map_[n]._value_)]
        cls._member_names_[:] = names
        return cls

    def __init__(cls, *args, **kw):
        pass

    def __call__(
        cls, value, names=None, *, module=None, qualname=None, type=None, start=1, boundary=None
    ):
        if names is None:
            return cls.__new__(cls, value)
        meta = cls.__class__
        bases = (cls,) if type is None else (type, cls)
        body = meta.__prepare__(value, bases)
        body["__module__"] = module or _kdex.caller_module(1)
        if isinstance(names, str):
            names = names.replace(",", " ").split()
        if isinstance(names, dict):
            names = list(names.items())
        last = []
        for i, item in enumerate(names):
            if isinstance(item, str):
                v = cls._generate_next_value_(item, start, i, last[:])
                last.append(v)
                item = (item, v)
            body[item[0]] = item[1]
        return meta.__new__(meta, value, bases, body, boundary=boundary)

    def __bool__(cls):
        return True

    def __contains__(cls, m):
        if not isinstance(type(m), EnumType):
            raise TypeError(
                "unsupported operand type(s) for 'in': '%s' and '%s'"
                % (type(m).__qualname__, cls.__class__.__qualname__)
            )
        return isinstance(m, cls) and m._name_ in cls._member_map_

    def __delattr__(cls, attr):
        if attr in cls._member_map_:
            raise AttributeError(f"{cls.__name__!r} cannot delete member {attr!r}.")
        super().__delattr__(attr)

    def __setattr__(cls, attr, value):
        if attr in cls._member_map_:
            raise AttributeError(f"cannot reassign member {attr!r}")
        super().__setattr__(attr, value)

    def __getattr__(cls, name):
        raise AttributeError(name)

    def __getitem__(cls, name):
        return cls._member_map_[name]

    def __iter__(cls):
        m = cls._member_map_
        return iter([m[n] for n in cls._member_names_])

    def __reversed__(cls):
        m = cls._member_map_
        return iter([m[n] for n in reversed(cls._member_names_)])

    def __len__(cls):
        return len(cls._member_names_)

    def __repr__(cls):
        return (
            f"<flag {cls.__name__!r}>"
            if getattr(cls, "_is_flag_", False)
            else f"<enum {cls.__name__!r}>"
        )

    @builtins.property
    def __members__(cls):
        from types import MappingProxyType

        return MappingProxyType(cls._member_map_)


EnumMeta = EnumType


def _add_member(cls, name, value, make, use_args, dt, flag):
    args = value if isinstance(value, tuple) else (value,)
    if dt is tuple:
        args = (args,)
    m = make(cls, *args) if use_args else make(cls)
    d = m.__dict__
    if "_value_" not in d:
        m._value_ = value if dt is object else dt(*args)
    value = m._value_
    m._name_ = name
    m.__objclass__ = cls
    init = cls.__init__
    if init is not object.__init__:
        init(m, *args)
    m._sort_order_ = len(cls._member_names_)
    table = cls._value2member_map_
    known = None
    try:
        known = table.get(value)
    except TypeError:
        for o in cls._member_map_.values():
            if o._value_ == value:
                known = o
                break
    if known is not None:
        m = known
    else:
        cls._member_names_.append(name)
        try:
            table.setdefault(value, m)
        except TypeError:
            pass
        if flag and isinstance(value, int):
            type.__setattr__(cls, "_flag_mask_", cls._flag_mask_ | value)
            type.__setattr__(cls, "_all_bits_", 2 ** cls._flag_mask_.bit_length() - 1)
    cls._member_map_[name] = m
    if name not in ("name", "value"):
        type.__setattr__(cls, name, m)


class Enum(metaclass=EnumType):
    @staticmethod
    def _generate_next_value_(name, start, count, last):
        return _next_value(name, start, count, last)

    def __new__(cls, value):
        if type(value) is cls:
            return value
        try:
            return cls._value2member_map_[value]
        except KeyError:
            pass
        except TypeError:
            for m in cls._member_map_.values():
                if m._value_ == value:
                    return m
        error = None
        try:
            r = cls._missing_(value)
        except Exception as e:
            error, r = e, None
        if isinstance(r, cls):
            return r
        if getattr(cls, "_boundary_", None) is EJECT and isinstance(r, int):
            return r
        invalid = ValueError("%r is not a valid %s" % (value, cls.__qualname__))
        if r is None and error is None:
            raise invalid
        if error is None:
            error = TypeError(
                f"error in {cls.__name__}._missing_: returned {r!r} instead of None or a valid member"
            )
        raise error

    @classmethod
    def _missing_(cls, value):
        return None

    def __repr__(self):
        return f"<{self.__class__.__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        return f"{self.__class__.__name__}.{self._name_}"

    def __format__(self, spec):
        return str.__format__(str(self), spec)

    def __dir__(self):
        return sorted(
            {"__class__", "__doc__", "__eq__", "__hash__", "__module__", "name", "value"}
            | {
                n
                for c in self.__class__.__mro__
                for n in c.__dict__
                if n[0] != "_" and n not in c.__dict__.get("_member_map_", {})
            }
        )

    def __hash__(self):
        return hash(self._name_)

    def __reduce_ex__(self, proto):
        return self.__class__, (self._value_,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    @property
    def name(self):
        return self._name_

    @property
    def value(self):
        return self._value_


class ReprEnum(Enum):
    _is_repr_enum_ = True


class IntEnum(int, ReprEnum):
    pass


class StrEnum(str, ReprEnum):
    def __new__(cls, *values):
        if len(values) > 3:
            raise TypeError(f"too many arguments for str(): {values!r}")
        if not isinstance(values[0], str):
            raise TypeError(f"{values[0]!r} is not a string")
        v = str(*values)
        m = str.__new__(cls, v)
        m._value_ = v
        return m

    @staticmethod
    def _generate_next_value_(name, start, count, last):
        return name.lower()


def _bin(num, bits):
    top = 2 ** num.bit_length()
    s = bin(num + top).replace("1", "0", 1) if num >= 0 else bin(~num ^ (top - 1) + top)
    sign, digits = s[:3], s[3:]
    if len(digits) < bits:
        digits = (sign[-1] * bits + digits)[-bits:]
    return f"{sign} {digits}"


class Flag(Enum):
    _is_flag_ = True
    _boundary_ = STRICT

    @staticmethod
    def _generate_next_value_(name, start, count, last):
        if not last:
            return 1 if start is None else start
        return 2 ** max(last).bit_length()

    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")
        mask, bits, boundary = cls._flag_mask_, cls._all_bits_, cls._boundary_
        if not ~bits <= value <= bits or value & (bits ^ mask):
            if boundary is STRICT:
                n = max(value.bit_length(), mask.bit_length())
                raise ValueError(
                    f"{cls!r} invalid value {value!r}\n    given {_bin(value, n)}\n  allowed {_bin(mask, n)}"
                )
            if boundary is CONFORM:
                value &= mask
            elif boundary is EJECT:
                return value
            elif value < 0:
                value = max(bits + 1, 2 ** value.bit_length()) + value
        if value < 0:
            value += bits + 1
        unknown = value & ~mask
        dt = cls._member_type_
        m = object.__new__(cls) if dt is object else dt.__new__(cls, value)
        m._value_ = value
        names = [n for n in cls._member_names_ if cls._member_map_[n]._value_ & value]
        m._name_ = "|".join(names) or None
        if unknown:
            m._name_ = f"{m._name_}|{unknown}" if names else None
        return cls._value2member_map_.setdefault(value, m)

    def __reduce_ex__(self, proto):
        return self.__class__, (self._value_,)

    def __contains__(self, other):
        if not isinstance(other, self.__class__):
            raise TypeError(
                "unsupported operand type(s) for 'in': %r and %r"
                % (type(other).__qualname__, self.__class__.__qualname__)
            )
        return other._value_ & self._value_ == other._value_

    def __iter__(self):
        for n in self.__class__._member_names_:
            m = self.__class__._member_map_[n]
            if m._value_ & self._value_:
                yield m

    def __len__(self):
        return self._value_.bit_count()

    def __repr__(self):
        c = self.__class__.__name__
        if self._name_ is None:
            return f"<{c}: {self._value_!r}>"
        return f"<{c}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        c = self.__class__.__name__
        return f"{c}({self._value_!r})" if self._name_ is None else f"{c}.{self._name_}"

    def __bool__(self):
        return bool(self._value_)

    def _other(self, o):
        if isinstance(o, self.__class__):
            return o._value_
        if self._member_type_ is not object and isinstance(o, self._member_type_):
            return o
        return None

    def __or__(self, o):
        v = self._other(o)
        return NotImplemented if v is None else self.__class__(self._value_ | v)

    def __and__(self, o):
        v = self._other(o)
        return NotImplemented if v is None else self.__class__(self._value_ & v)

    def __xor__(self, o):
        v = self._other(o)
        return NotImplemented if v is None else self.__class__(self._value_ ^ v)

    def __invert__(self):
        if self._boundary_ is KEEP:
            return self.__class__(~self._value_)
        return self.__class__(self._flag_mask_ & ~self._value_)

    __ror__, __rand__, __rxor__ = __or__, __and__, __xor__


class IntFlag(int, ReprEnum, Flag, boundary=KEEP):
    __or__, __and__, __xor__, __invert__ = Flag.__or__, Flag.__and__, Flag.__xor__, Flag.__invert__
    __ror__, __rand__, __rxor__ = __or__, __and__, __xor__


def unique(cls):
    dup = [(n, m._name_) for n, m in cls._member_map_.items() if n != m._name_]
    if dup:
        raise ValueError(
            f"duplicate values found in {cls!r}: " + ", ".join(f"{a} -> {b}" for a, b in dup)
        )
    return cls


class verify:
    def __init__(self, *constraints):
        self.constraints = constraints

    def __call__(self, cls):
        return unique(cls)


UNIQUE, CONTINUOUS, NAMED_FLAGS = (
    "one name per value",
    "no skipped values",
    "multi-flag aliases may not contain unnamed flags",
)


def global_enum(cls, update_str=False):
    _kdex.caller_globals(1).update(cls._member_map_)
    return cls


def show_flag_values(value):
    return [1 << i for i in range(int(value).bit_length()) if int(value) >> i & 1]
