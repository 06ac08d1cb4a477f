# The border: functions of kernel libraries, by name. A table says of each what it gives back
# (core/engine/kernels/README.md); a function without a rule gives an unknown and is reported.
import _kdex

from driver_results import words


class Rule:
    """One line of a table."""

    def __init__(self, library, role, signature, result, wrapper=False):
        self.library, self.role, self.wrapper = library, role, wrapper
        parts = [part.strip() for part in result.split(" ; ")] + ["", ""]
        self.result, self.operands, self.launches = parts[:3]
        name, _, parameters = signature.rstrip(")").partition("(")
        self.name = name.strip()
        self.parameters = []  # (name, default's text or None)
        for part in parameters.split(","):
            key, given, default = part.strip().partition("=")
            if key:
                self.parameters.append((key.strip(), default.strip() if given else None))

    def bind(self, args, kwargs, known):
        """The arguments by name; `known`: the words that results are written with."""
        values = {}
        for (name, _), value in zip(self.parameters, args):
            values[name] = value
        values.update(kwargs)
        for name, default in self.parameters:
            if name not in values:
                values[name] = (
                    None if default is None else _kdex.eval_annotation(default, known, None)
                )
        return values

    def names(self):
        return [name for name, _ in self.parameters]

    def give(self, values, known):
        if not self.result:
            return None
        return _kdex.eval_annotation(self.result, known, values)

    def seen(self, args, kwargs, values, known):
        """The operands as the kernel sees them."""
        if not self.operands:
            return (list(args), kwargs)
        return _kdex.eval_annotation("(" + self.operands + ",)", known, values)


def parse(library, text):
    """Rules by function name. A line: role, signature, "->", result; without a result where the
    engine's sources hold the function: what it gives back is run there."""
    rules, wrapper = {}, False
    for line in text.split("\n"):
        line = line.strip()
        if line == "wrappers":
            wrapper = True
            continue
        if not line or line.startswith(("#", *DATA)):
            continue
        head, _, result = line.partition(" -> ")
        role, _, signature = head.partition(" ")
        rule = Rule(library, role, signature.strip(), result.strip(), wrapper)
        rules[rule.name] = rule
    return rules


DATA = ("enum ", "record ", "value ")  # what lines of a table begin with that are no functions


class Data:
    """A library's plain data, which the engine compares, counts and fills: `members`, OWNER.NAME to
    value, and `classes`, a name to what a call of it makes."""

    def __init__(self, text):
        self.members, self.classes = {}, {}
        for line in text.split("\n"):
            kind, _, rest = line.strip().partition(" ")
            if kind + " " in DATA:
                getattr(self, kind)(*rest.split())

    def enum(self, owner, *pairs):
        """The members of an enumeration, NAME=VALUE each."""
        import enum

        values = [(name, int(value)) for name, _, value in [p.partition("=") for p in pairs]]
        self.classes[owner] = enum.IntEnum(owner, values)
        for member in self.classes[owner]:
            self.members[f"{owner}.{member.name}"] = member

    def record(self, place, *fields):
        """A dataclass of MODULE.NAME whose fields have the default None, or FIELD=DEFAULT."""
        import dataclasses

        name = place.rpartition(".")[2]
        rows = []
        for field in fields:
            key, given, default = field.partition("=")
            value = _kdex.eval_annotation(default, {}, None) if given else None
            rows.append((key, object, dataclasses.field(default=value)))
        self.classes[name] = self.members[place] = dataclasses.make_dataclass(name, rows)

    def value(self, place, text):
        """A constant, MODULE.NAME."""
        self.members[place] = _kdex.eval_annotation(text, {}, None)


class Border:
    """Answers calls of functions that are not in the sources."""

    def __init__(self, recorder, tables):
        self.recorder = recorder
        recorder.signature = self.signature
        parsed = {name: parse(name, text) for name, text in tables.items()}
        # A library is one that a rule gives results of; of the others' functions roles are known.
        self.rules = {
            name: rules for name, rules in parsed.items() if any(r.result for r in rules.values())
        }
        self.launched = {}
        for rules in parsed.values():
            self.launched.update({name: r for name, r in rules.items() if not r.result})
        self.known = {**words(), "Instance": lambda name, **has: Instance(self, name, has)}
        self.data = {name: Data(text) for name, text in tables.items()}
        for data in self.data.values():
            self.known.update(data.classes)
        self.members = {
            f"{library}.{place}": value
            for library, data in self.data.items()
            for place, value in data.members.items()
        }

    def __call__(self, name, args, kwargs):
        library, _, function = name.partition(".")
        if library not in self.rules:
            return NotImplemented
        return self.call(library, function, name, args, kwargs)

    def parameters(self, name):
        """Names of the parameters of a function of a library, or None."""
        library, _, function = name.partition(".")
        rule = self.rule(library, function) if library in self.rules else None
        return None if rule is None else rule.names()

    def signature(self, name):
        """Role and parameters of a function that the engine's sources or torch launch."""
        parts = name.replace("::", ".").split(".")
        for n in range(1, len(parts) + 1):
            rule = self.launched.get(".".join(parts[-n:]))
            if rule is not None:
                return rule.role, rule.names()
        return "", ()

    def rule(self, library, function):
        """By the last name, or by the last two: a method of a class."""
        parts = function.replace("()", "").split(".")
        rules = self.rules[library]
        return rules.get(".".join(parts[-2:])) or rules.get(parts[-1])

    def call(self, library, function, name, args, kwargs, planned=()):
        made = self.data[library].classes.get(function.rpartition(".")[2])
        if made is not None:
            return made(*args, **kwargs)
        rule = self.rule(library, function)
        if rule is None:
            if "()" not in name:  # of what an unknown function gave, that one is reported
                self.recorder.no_rule(name)
            return NotImplemented
        values = rule.bind(args, kwargs, self.known)
        self.recorder.muted += 1
        try:
            result = values["result"] = rule.give(values, self.known)
            operands = rule.seen(args, kwargs, values, self.known)
        finally:
            self.recorder.muted -= 1
        if rule.role not in ("host", "plan"):
            shown = name.replace("()", "") + ("." + rule.launches if rule.launches else "")
            result_of = None if rule.operands else result
            self.recorder.launch(
                "library",
                shown,
                operands,
                result_of,
                wrapper=rule.wrapper,
                planned=planned,
                role=rule.role,
                parameters=() if rule.operands else rule.names(),
            )
        return result

    def compiled(self, module, function, args, kwargs):
        """A function of a module that the engine compiles; without a rule it gives None."""
        rules = self.rules.get("jit", {})
        place = module.rpartition(".")[2] + "." + function  # modules may have functions of one name
        rule = rules.get(place) or rules.get(function)
        result = None
        if rule is not None:
            result = rule.give(rule.bind(args, kwargs, self.known), self.known)
            if rule.role == "host":
                return result
        self.recorder.launch("jit", f"{module}::{function}", (list(args), kwargs), result)
        return result


class Instance:
    """An object of a library's class; its methods are functions of the library, `has` its attributes."""

    def __init__(self, border, name, has):
        self.__dict__.update(has)
        self._border, self._name = border, name
        self._library = name.partition(".")[0]
        self._planned = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        full = self._name + "." + name
        rule = self._border.rule(self._library, full)
        if rule is None:
            return _kdex.unknown(full)

        def method(*args, **kwargs):
            if rule.role == "plan":
                given = [*zip(rule.names(), args), *kwargs.items()]
                given += [(str(i), v) for i, v in enumerate(args) if i >= len(rule.names())]
                self._planned = [
                    ("plan." + k, v)
                    for k, v in given
                    if hasattr(v, "dtype") and hasattr(v, "shape")
                ]
            return self._border.call(self._library, full, full, args, kwargs, planned=self._planned)

        return method
