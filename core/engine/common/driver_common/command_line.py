# An engine's own argument parser: what a user of a deployment would type, the parser's words where it
# refuses them. Resolves nothing; must not know any engine.


class WrongArguments(Exception):
    """Server arguments that the engine's parser refuses, in its own words.

    `wanted` and `known`: what was written, and what may be written there, for a near name.
    """

    by_parser = True

    def __init__(self, text, wanted="", known=()):
        super().__init__(text)
        self.wanted, self.known = wanted, [k for k in known if isinstance(k, str)]


class Contradiction(WrongArguments):
    """A server argument that says something else than the deployment."""

    by_parser = False


def _list_of(text):
    """The parts of a list: JSON, or words as on a command line."""
    import json
    import shlex

    text = text.strip()
    if text.startswith("{"):
        return [text]
    try:
        if text.startswith("["):
            return [v if isinstance(v, str) else json.dumps(v) for v in json.loads(text)]
        return shlex.split(text)
    except ValueError:
        return [text]  # the parser says what is wrong with it


class CommandLine:
    """The engine's own argument parser, and what a user of this deployment would type."""

    def __init__(self, parser_class, prog, add_arguments):
        """`add_arguments(parser)` adds the engine's own to a parser of the engine's class."""

        class Parser(parser_class):
            def error(self, message):
                raise WrongArguments(message)

        self.parser = Parser(prog=prog)
        add_arguments(self.parser)
        self.options = self.parser._option_string_actions
        self.by_dest = {}
        for action in self.parser._actions:
            if action.option_strings:
                self.by_dest.setdefault(action.dest, action)

    def find(self, name):
        """The option of a name as typed, of the field's name, or of an unambiguous prefix."""
        name = name.strip().lstrip("-")
        flag = "--" + name.replace("_", "-")
        action = self.options.get(flag) or self.options.get("--" + name)
        action = action or self.by_dest.get(name.replace("-", "_"))
        if action is None:
            near = {id(a): a for o, a in self.options.items() if o.startswith(flag)}
            if len(near) == 1:
                return list(near.values())[0]
        return action

    def help(self, name):
        """What the engine's parser says of an argument, in one line; None where it says nothing."""
        action = self.by_dest.get(name)
        text = None if action is None else action.help
        if not isinstance(text, str) or text == "==SUPPRESS==":
            return None
        try:
            text = text % vars(action)
        except (KeyError, TypeError, ValueError):
            pass  # what the parser itself could not print stays as it is
        return " ".join(text.split())

    def dest(self, name):
        """Where the parser puts an argument; its own name where there is no such option."""
        action = self.find(name)
        return name.replace("-", "_") if action is None else action.dest

    def names(self):
        return [o[2:].replace("-", "_") for o in self.options if o.startswith("--")]

    def words(self, name, text):
        """What is typed for one argument."""
        action = self.find(name)
        if action is None:
            return ["--" + name.replace("_", "-") + "=" + text]
        flag = action.option_strings[0]
        if action.nargs == 0:
            wanted = {"true": True, "false": False}.get(text.strip().lower())
            if wanted is None:
                return [flag + "=" + text]
            off = [o for o in action.option_strings if o.startswith("--no-")]
            if off and not wanted:
                return [off[0]]
            stored = action.const if isinstance(action.const, bool) else True
            if wanted == stored or off:
                return [flag]
            if action.default == stored:
                raise WrongArguments(f"argument {flag}: the engine has no option to switch it off")
            return []
        if action.nargs == "?" and action.const is not None and text.strip().lower() == "true":
            return [flag]
        if action.nargs is None or action.nargs == "?":
            return [flag + "=" + text]
        return [flag, *_list_of(text)]

    def parse(self, given):
        """The namespace; WrongArguments with the parser's own words."""
        argv = []
        for name, text in given.items():
            argv += self.words(name, text)
        try:
            return self.parser.parse_args(argv)
        except WrongArguments as refused:
            text = str(refused)
        except SystemExit:
            text = "the engine's parser ends here"
        for name, value in given.items():
            action = self.find(name)
            if action is None and "unrecognized" in text:
                raise WrongArguments(text, name.replace("-", "_"), self.names())
            flag = None if action is None else "/".join(action.option_strings)
            if flag and text.startswith(f"argument {flag}: ") and action.choices is not None:
                raise WrongArguments(text, value, action.choices)
        raise WrongArguments(text)


def is_same(text, value):
    """Whether a server argument as written is the deployment's value."""
    if isinstance(value, bool):
        return text.strip().lower() == str(value).lower()
    try:
        return int(text) == value if isinstance(value, int) else text == value
    except ValueError:
        return False


def argument_names(request, folder):
    """What the engine calls tp, ep, ...: the arguments of engine.json, which lies in `folder`."""
    if "arguments" in request:
        return request["arguments"]
    import json

    with open(folder + "/engine.json") as f:
        return json.load(f)["arguments"]


def without_own(request, line, own, checkpoint, unread=()):
    """The user's arguments beside those that the deployment states; the parser sees both.

    `own`: where the parser puts one -> (value, setting); `checkpoint`: the engine's name of that
    argument; `unread`: arguments that name files of settings, which kdex does not read.
    """
    given = {}
    for name, text in (request.get("engine_args") or {}).items():
        dest = line.dest(name)
        if dest in unread:
            raise Contradiction(
                "kdex reads no configuration file of the engine: give its arguments"
            )
        if dest not in own:
            given[name] = text
        elif not request.get("base") and not is_same(text, own[dest][0]):
            line.parse({checkpoint: request["checkpoint"], name: text})
            setting = own[dest][1]
            value = request["checkpoint"] if setting == "checkpoint" else request.get(setting) or 1
            flag = setting.replace("_", "-")
            raise Contradiction(
                f"{name}={text} contradicts the deployment's {setting} {value}: give --{flag}"
            )
    return given


def answer(parse, request):
    """What check_arguments() gives: {"error": ""}, or why `parse` refuses the request."""
    try:
        parse(request)
    except WrongArguments as wrong:
        by = "parser" if wrong.by_parser else "deployment"
        return {"error": str(wrong), "by": by, "wanted": wrong.wanted, "known": wrong.known}
    return {"error": ""}
