# Engine arguments, by vLLM's own parser: what a user of a deployment would type, the parser's words
# where it refuses them, and those that contradict the deployment. Resolves nothing.
from driver_common.checkpoint import runs_remote_code
from driver_common.command_line import CommandLine, Contradiction, argument_names, without_own
from driver_common.release import need

HERE = __file__.rpartition("/")[0] or "."
LINE = []  # the parser, made once


def command_line():
    if not LINE:
        parser = need(
            "vllm.utils.argparse_utils:FlexibleArgumentParser",
            "vllm.utils:FlexibleArgumentParser",
        )
        add_arguments = need("vllm.engine.arg_utils:EngineArgs").add_cli_args
        LINE.append(CommandLine(parser, "vllm serve", add_arguments))
    return LINE[0]


def _settings(request, names):
    """What the deployment itself says: argument -> (value, setting)."""
    dp = request.get("attention_dp") or 1
    own = {
        names["checkpoint"]: (request["checkpoint"], "checkpoint"),
        names["tp"]: (request.get("tp") or 1, "tp"),
        names["attention_dp"]: (dp, "attention_dp"),
        "enable_expert_parallel": ((request.get("ep") or 1) > 1, "ep"),
    }
    if request.get("page_size") is not None:
        own[names["page_size"]] = (request["page_size"], "page_size")
    return own


def _check_expert_parallel(request):
    """vLLM has a switch: experts are spread over all ranks of tp and dp, or over none."""
    ep, ranks = (
        request.get("ep") or 1,
        (request.get("tp") or 1) * (request.get("attention_dp") or 1),
    )
    if ep > 1 and ep != ranks:
        raise Contradiction(
            f"expert parallelism is over all {ranks} ranks of tensor and data parallelism, or none:"
            f" give --ep {ranks} or --ep 1, not {ep}"
        )


def parse_engine_arguments(request):
    """(the engine's EngineArgs; what was asked for, name -> value; the parser)."""
    line, names = command_line(), argument_names(request, HERE)
    _check_expert_parallel(request)
    own = _settings(request, names)
    given = without_own(request, line, own, names["checkpoint"])
    words = line.parse({names["checkpoint"]: request["checkpoint"], **given})
    typed = {line.dest(name) for name in given}
    asked = {dest: getattr(words, dest) for dest in typed}
    for dest, (value, setting) in own.items():  # live values, with their origin
        setattr(words, dest, value)
        if setting not in ("checkpoint", "ep"):
            asked[dest] = value
    put = {
        "load_format": "dummy",
        "skip_tokenizer_init": True,
        "trust_remote_code": runs_remote_code(request["checkpoint"]),
    }
    if own[names["attention_dp"]][0] > 1:
        put.update(
            data_parallel_rank=0, data_parallel_address="127.0.0.1", data_parallel_rpc_port=1
        )
    for dest, value in put.items():
        if dest not in typed:
            setattr(words, dest, value)
    return need("vllm.engine.arg_utils:EngineArgs").from_cli_args(words), asked, line
