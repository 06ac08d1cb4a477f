# Server arguments, by SGLang's own parser: what a user of a deployment would type, the parser's words
# where it refuses them, and those that contradict the deployment. Resolves nothing.
from driver_common.checkpoint import runs_remote_code
from driver_common.command_line import CommandLine, WrongArguments, argument_names, without_own
from driver_common.release import need

HERE = __file__.rpartition("/")[0] or "."


LINE = []  # the parser, made once


def command_line():
    if not LINE:
        import argparse

        add_arguments = need("sglang.srt.server_args:ServerArgs").add_cli_args
        LINE.append(CommandLine(argparse.ArgumentParser, "sglang serve", add_arguments))
    return LINE[0]


def _own_settings(request, names, line):
    """What the deployment itself says: where the parser puts it -> (value, setting)."""
    attention_dp = request.get("attention_dp") or 1
    own = {
        names["checkpoint"]: (request["checkpoint"], "checkpoint"),
        names["tp"]: (request.get("tp") or 1, "tp"),
        names["ep"]: (request.get("ep") or 1, "ep"),
        names["attention_dp"]: (attention_dp, "attention_dp"),
        "attn_dp_size": (attention_dp, "attention_dp"),
        "enable_dp_attention": (attention_dp > 1, "attention_dp"),
    }
    if request.get("page_size") is not None:
        own[names["page_size"]] = (request["page_size"], "page_size")
    return {line.dest(name): said for name, said in own.items()}


def parse_server_arguments(request):
    """(the engine's ServerArgs, not yet resolved; what was asked for, name -> value; the parser)."""
    ServerArgs = need("sglang.srt.server_args:ServerArgs")
    line, names = command_line(), argument_names(request, HERE)
    own = _own_settings(request, names, line)
    given = without_own(request, line, own, names["checkpoint"], unread=("config",))
    words = line.parse({names["checkpoint"]: request["checkpoint"], **given})
    typed = {line.dest(name) for name in given}
    asked = {dest: getattr(words, dest) for dest in typed}

    def put(name, value):
        """A live value: the deployment's, with its origin, or kdex's own."""
        action = line.find(name)
        if action is not None and action.dest not in typed:
            setattr(words, action.dest, value)
        return action is not None

    put(names["tp"], request.get("tp") or 1)
    put(names["ep"], request.get("ep") or 1)
    attention_dp = request.get("attention_dp") or 1
    if attention_dp > 1 and not put("attn_dp_size", attention_dp):
        put(names["attention_dp"], attention_dp)
        put("enable_dp_attention", True)
    asked[names["tp"]] = request.get("tp") or 1
    asked[names["ep"]] = request.get("ep") or 1
    if request.get("page_size") is not None:
        put(names["page_size"], request["page_size"])
        asked[names["page_size"]] = request["page_size"]
    put("load_format", "dummy")
    put("skip_tokenizer_init", True)
    put("trust_remote_code", runs_remote_code(request["checkpoint"]))
    if (request.get("ep") or 1) > 1 and request["ep"] == request.get("tp"):
        put("enable_ep_moe", True)  # earlier releases have a switch beside the size
    return ServerArgs.from_cli_args(words), asked, line


def take_draft(given):
    """The engine's own word for a draft head, which is no server argument."""
    text = given.pop("is_draft_model", given.pop("is-draft-model", "false"))
    if text.strip().lower() not in ("true", "false"):
        raise WrongArguments(f"is_draft_model must be true or false, not {text!r}")
    return text.strip().lower() == "true"
