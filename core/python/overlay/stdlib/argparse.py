# argparse: parsers that are filled and asked for their defaults or for given arguments.
import os as _os
import sys as _sys

SUPPRESS = "==SUPPRESS=="
OPTIONAL, ZERO_OR_MORE, ONE_OR_MORE, PARSER, REMAINDER = "?", "*", "+", "A...", "..."


class ArgumentError(Exception):
    def __init__(self, argument, message):
        self.argument_name = (
            "/".join(argument.option_strings) or argument.dest if argument is not None else None
        )
        self.message = message

    def __str__(self):
        return (
            self.message
            if self.argument_name is None
            else f"argument {self.argument_name}: {self.message}"
        )


class ArgumentTypeError(Exception):
    pass


class Namespace:
    def __init__(self, **kw):
        self.__dict__.update(kw)

    def __eq__(self, o):
        return vars(self) == vars(o) if isinstance(o, Namespace) else NotImplemented

    def __contains__(self, k):
        return k in self.__dict__

    def __repr__(self):
        return "Namespace(" + ", ".join([f"{k}={v!r}" for k, v in self.__dict__.items()]) + ")"


class HelpFormatter:
    def __init__(self, prog="", indent_increment=2, max_help_position=24, width=None):
        pass


class RawDescriptionHelpFormatter(HelpFormatter):
    pass


class RawTextHelpFormatter(RawDescriptionHelpFormatter):
    pass


class ArgumentDefaultsHelpFormatter(HelpFormatter):
    pass


class MetavarTypeHelpFormatter(HelpFormatter):
    pass


class Action:
    def __init__(
        self,
        option_strings,
        dest,
        nargs=None,
        const=None,
        default=None,
        type=None,
        choices=None,
        required=False,
        help=None,
        metavar=None,
        **kw,
    ):
        self.option_strings, self.dest, self.nargs, self.const, self.default = (
            list(option_strings),
            dest,
            nargs,
            const,
            default,
        )
        self.type, self.choices, self.required, self.help, self.metavar = (
            type,
            choices,
            required,
            help,
            metavar,
        )

    def format_usage(self):
        return self.option_strings[0]

    def __call__(self, parser, namespace, values, option_string=None):
        raise NotImplementedError(".__call__() not defined")


class _StoreAction(Action):
    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, values)


class _StoreConstAction(Action):
    def __init__(
        self,
        option_strings,
        dest,
        const=None,
        default=None,
        required=False,
        help=None,
        metavar=None,
        **kw,
    ):
        super().__init__(
            option_strings, dest, 0, const, default, None, None, required, help, metavar
        )

    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, self.const)


class _StoreTrueAction(_StoreConstAction):
    def __init__(self, option_strings, dest, default=False, required=False, help=None, **kw):
        super().__init__(option_strings, dest, True, default, required, help)


class _StoreFalseAction(_StoreConstAction):
    def __init__(self, option_strings, dest, default=True, required=False, help=None, **kw):
        super().__init__(option_strings, dest, False, default, required, help)


class _AppendAction(Action):
    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, [*(getattr(ns, self.dest, None) or []), values])


class _ExtendAction(_AppendAction):
    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, [*(getattr(ns, self.dest, None) or []), *values])


class _AppendConstAction(_StoreConstAction):
    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, [*(getattr(ns, self.dest, None) or []), self.const])


class _CountAction(_StoreConstAction):
    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, (getattr(ns, self.dest, None) or 0) + 1)


class _HelpAction(_StoreConstAction):
    def __init__(self, option_strings, dest=SUPPRESS, default=SUPPRESS, help=None, **kw):
        super().__init__(option_strings, dest, None, default, False, help)

    def __call__(self, parser, ns, values, option_string=None):
        parser.exit()


class _VersionAction(_HelpAction):
    def __init__(self, option_strings, version=None, **kw):
        super().__init__(option_strings, **kw)
        self.version = version


class BooleanOptionalAction(Action):
    def __init__(
        self,
        option_strings,
        dest,
        default=None,
        type=None,
        choices=None,
        required=False,
        help=None,
        metavar=None,
    ):
        opts = []
        for o in option_strings:
            opts.append(o)
            if o.startswith("--"):
                opts.append("--no-" + o[2:])
        super().__init__(opts, dest, 0, None, default, type, choices, required, help, metavar)

    def __call__(self, parser, ns, values, option_string=None):
        setattr(ns, self.dest, not option_string.startswith("--no-"))


class _SubParsersAction(Action):
    def __init__(
        self,
        option_strings,
        dest=SUPPRESS,
        prog=None,
        parser_class=None,
        required=False,
        help=None,
        metavar=None,
        **kw,
    ):
        super().__init__(
            option_strings, dest, PARSER, None, None, None, None, required, help, metavar
        )
        self._parser_class, self._map = parser_class, {}
        self.choices = self._map

    def add_parser(self, name, *, aliases=(), help=None, **kw):
        kw.setdefault("prog", name)
        p = self._map[name] = self._parser_class(**kw)
        for a in aliases:
            self._map[a] = p
        return p

    def __call__(self, parser, ns, values, option_string=None):
        name, rest = values[0], values[1:]
        if self.dest is not SUPPRESS:
            setattr(ns, self.dest, name)
        if name not in self._map:
            raise ArgumentError(self, f"unknown parser {name!r} (choices: {', '.join(self._map)})")
        sub, extra = self._map[name].parse_known_args(rest)
        ns.__dict__.update(sub.__dict__)
        if extra:
            ns.__dict__.setdefault("_unrecognized_args", []).extend(extra)


_ACTIONS = {
    None: _StoreAction,
    "store": _StoreAction,
    "store_const": _StoreConstAction,
    "store_true": _StoreTrueAction,
    "store_false": _StoreFalseAction,
    "append": _AppendAction,
    "extend": _ExtendAction,
    "append_const": _AppendConstAction,
    "count": _CountAction,
    "help": _HelpAction,
    "version": _VersionAction,
    "parsers": _SubParsersAction,
}


class _ActionsContainer:
    def __init__(
        self, description=None, prefix_chars="-", argument_default=None, conflict_handler="error"
    ):
        self.description, self.argument_default, self.prefix_chars, self.conflict_handler = (
            description,
            argument_default,
            prefix_chars,
            conflict_handler,
        )
        (
            self._actions,
            self._option_string_actions,
            self._defaults,
            self._action_groups,
            self._registries,
        ) = [], {}, {}, [], {}
        self._mutually_exclusive_groups = []

    def register(self, registry, value, obj):
        self._registries[(registry, value)] = obj

    def set_defaults(self, **kw):
        self._defaults.update(kw)
        for a in self._actions:
            if a.dest in kw:
                a.default = kw[a.dest]

    def get_default(self, dest):
        for a in self._actions:
            if a.dest == dest and a.default is not None:
                return a.default
        return self._defaults.get(dest)

    def add_argument(self, *args, **kw):
        opts = [a for a in args if a[:1] in self.prefix_chars]
        dest = kw.pop("dest", None)
        if not opts:
            dest = args[0] if args else dest
            if dest is None:
                raise TypeError("missing 1 required positional argument: 'dest'")
        elif dest is None:
            long = [o for o in opts if o.startswith("--")]
            dest = (long or opts)[0].lstrip(self.prefix_chars).replace("-", "_")
        if "default" not in kw:
            if dest in self._defaults:
                kw["default"] = self._defaults[dest]
            elif self.argument_default is not None:
                kw["default"] = self.argument_default
        name = kw.pop("action", None)
        cls = (
            name
            if isinstance(name, type)
            else self._registries.get(("action", name)) or _ACTIONS.get(name)
        )
        if cls is None:
            raise ValueError(f"unknown action {name!r}")
        kind = kw.get("type")
        if kind is not None and not callable(kind):
            raise ValueError(f"{kind!r} is not callable")
        return self._add_action(cls(option_strings=opts, dest=dest, **kw))

    def _add_action(self, action):
        for o in action.option_strings:
            if o in self._option_string_actions and self.conflict_handler != "resolve":
                raise ArgumentError(action, f"conflicting option string: {o}")
        self._actions.append(action)
        for o in action.option_strings:
            self._option_string_actions[o] = action
        action.container = self
        return action

    def _remove_action(self, action):
        self._actions.remove(action)

    def add_argument_group(self, title=None, description=None, **kw):
        g = _ArgumentGroup(self, title, description, **kw)
        self._action_groups.append(g)
        return g

    def add_mutually_exclusive_group(self, *, required=False):
        return _ArgumentGroup(self, None, None)


class _ArgumentGroup(_ActionsContainer):
    def __init__(self, container, title=None, description=None, **kw):
        super().__init__(
            description,
            container.prefix_chars,
            container.argument_default,
            kw.get("conflict_handler", container.conflict_handler),
        )
        self.title, self._container, self._group_actions = title, container, []
        self._actions, self._option_string_actions, self._defaults, self._registries = (
            container._actions,
            container._option_string_actions,
            container._defaults,
            container._registries,
        )

    def _add_action(self, action):
        self._group_actions.append(action)
        return super()._add_action(action)


class ArgumentParser(_ActionsContainer):
    def __init__(
        self,
        prog=None,
        usage=None,
        description=None,
        epilog=None,
        parents=(),
        formatter_class=HelpFormatter,
        prefix_chars="-",
        fromfile_prefix_chars=None,
        argument_default=None,
        conflict_handler="error",
        add_help=True,
        allow_abbrev=True,
        exit_on_error=True,
    ):
        super().__init__(description, prefix_chars, argument_default, conflict_handler)
        self.prog = prog or _os.path.basename(_sys.argv[0] if _sys.argv else "")
        (
            self.usage,
            self.epilog,
            self.formatter_class,
            self.add_help,
            self.allow_abbrev,
            self.exit_on_error,
        ) = usage, epilog, formatter_class, add_help, allow_abbrev, exit_on_error
        self._subparsers = None
        if add_help:
            self.add_argument(
                "-h",
                "--help",
                action="help",
                default=SUPPRESS,
                help="show this help message and exit",
            )
        for p in parents:
            for a in p._actions:
                if not isinstance(a, _HelpAction):
                    self._add_action(a)
            self._defaults.update(p._defaults)

    def add_subparsers(self, **kw):
        kw.setdefault("parser_class", type(self))
        kw.pop("title", None)
        kw.pop("description", None)
        a = self._subparsers = _SubParsersAction([], **kw)
        return self._add_action(a)

    def _convert(self, action, text):
        f = action.type
        if f is None:
            v = text
        else:
            f = self._registries.get(("type", f), f)
            try:
                v = f(text)
            except ArgumentTypeError as e:
                raise ArgumentError(action, str(e)) from None
            except (TypeError, ValueError):
                raise ArgumentError(
                    action, f"invalid {getattr(f, '__name__', repr(f))} value: {text!r}"
                ) from None
        if (
            action.choices is not None
            and not isinstance(action, _SubParsersAction)
            and v not in action.choices
        ):
            raise ArgumentError(
                action,
                f"invalid choice: {v!r} (choose from {', '.join(map(repr, action.choices))})",
            )
        return v

    def _is_option(self, s):
        if not s or s[0] not in self.prefix_chars or s == "-" or s in self._option_string_actions:
            return s in self._option_string_actions
        try:
            float(s)
            return False
        except ValueError:
            return " " not in s

    def _take(self, action, args, explicit=None):
        """(values, how many of args were used)"""
        n = action.nargs
        run = 0
        while run < len(args) and (
            n in (REMAINDER, PARSER) or args[run] != "--" and not self._is_option(args[run])
        ):
            run += 1
        if explicit is not None:
            return (
                [self._convert(action, explicit)]
                if isinstance(n, int) or n in ("*", "+")
                else self._convert(action, explicit)
            ), 0
        if n is None:
            if not run:
                raise ArgumentError(action, "expected one argument")
            return self._convert(action, args[0]), 1
        if n == 0:
            return [], 0
        if n == "?":
            if run:
                return self._convert(action, args[0]), 1
            v = action.const if action.option_strings else action.default
            return (self._convert(action, v) if isinstance(v, str) else v), 0
        if isinstance(n, int):
            if run < n:
                raise ArgumentError(action, f"expected {n} argument{'s' if n > 1 else ''}")
            return [self._convert(action, a) for a in args[:n]], n
        if n in ("+", PARSER) and not run:
            raise ArgumentError(action, "expected at least one argument")
        if n == PARSER:
            return args[:run], run
        if n == "*" and not run and not action.option_strings:
            return (action.default if action.default is not None else []), 0
        return [self._convert(action, a) for a in args[:run]], run

    def parse_known_args(self, args=None, namespace=None):
        args = list(_sys.argv[1:] if args is None else args)
        ns = Namespace() if namespace is None else namespace
        for a in self._actions:
            if a.dest is not SUPPRESS and a.default is not SUPPRESS and not hasattr(ns, a.dest):
                setattr(ns, a.dest, a.default)
        for k, v in self._defaults.items():
            if not hasattr(ns, k):
                setattr(ns, k, v)
        try:
            extra = self._run(args, ns)
        except ArgumentError as e:
            if not self.exit_on_error:
                raise
            self.error(str(e))
        extra += ns.__dict__.pop("_unrecognized_args", [])
        return ns, extra

    def _run(self, args, ns):
        seen, extra, i = [], [], 0
        positional = [a for a in self._actions if not a.option_strings]
        while i < len(args):
            s = args[i]
            if s == "--":
                i += 1
                extra += args[i:] if not positional else []
                if not positional:
                    break
                continue
            if self._is_option(s) or s.startswith("--") and "=" in s:
                name, eq, value = s.partition("=")
                a = self._option_string_actions.get(s) or self._option_string_actions.get(name)
                if a is None and self.allow_abbrev and name.startswith("--"):
                    near = [o for o in self._option_string_actions if o.startswith(name)]
                    if len(near) > 1:
                        raise ArgumentError(
                            None, f"ambiguous option: {s} could match {', '.join(near)}"
                        )
                    if near:
                        name = near[0]
                        a = self._option_string_actions[name]
                if (
                    a is None
                    and s[0] == "-"
                    and s[1:2] != "-"
                    and s[:2] in self._option_string_actions
                ):
                    a, name, eq, value = self._option_string_actions[s[:2]], s[:2], "=", s[2:]
                if a is None:
                    extra.append(s)
                    i += 1
                    continue
                if eq and s not in self._option_string_actions:
                    if a.nargs == 0:
                        raise ArgumentError(a, f"ignored explicit argument {value!r}")
                    v, used = self._take(a, [], value)
                else:
                    v, used = self._take(a, args[i + 1 :])
                seen.append(a)
                a(self, ns, v, name)
                i += 1 + used
            elif positional:
                a = positional.pop(0)
                v, used = self._take(a, args[i:])
                seen.append(a)
                a(self, ns, v, None)
                i += max(used, 1)
            else:
                extra.append(s)
                i += 1
        lost = []
        for a in self._actions:
            if a in seen:
                continue
            if a.required or not a.option_strings and a.nargs not in ("?", "*", REMAINDER, PARSER):
                lost.append("/".join(a.option_strings) or a.metavar or a.dest)
            elif (
                isinstance(a.default, str)
                and a.dest is not SUPPRESS
                and a.default is not SUPPRESS
                and getattr(ns, a.dest, None) is a.default
                and a.type is not None
            ):
                setattr(ns, a.dest, self._convert(a, a.default))
        if lost:
            raise ArgumentError(None, "the following arguments are required: " + ", ".join(lost))
        return extra

    def parse_args(self, args=None, namespace=None):
        ns, extra = self.parse_known_args(args, namespace)
        if extra:
            self.error("unrecognized arguments: " + " ".join(extra))
        return ns

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message}\n")

    def exit(self, status=0, message=None):
        if message:
            _sys.stderr.write(message)
        raise SystemExit(status)

    def format_usage(self):
        return f"usage: {self.prog}\n"

    format_help = format_usage

    def print_help(self, file=None):
        (file or _sys.stdout).write(self.format_help())

    print_usage = print_help


def FileType(mode="r", *a, **k):
    return lambda path: open(path, mode)
