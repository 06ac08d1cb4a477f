# The draft model of a deployment that speculates: its configuration and the surroundings in which
# SGLang's worker makes it. Builds nothing and runs nothing.
import contextlib

from driver_common.release import NoSuchStep, call, find, need


def draft_config(build):
    """The draft's model configuration, as its worker makes it from the target's arguments."""
    settings = build.settings()
    if getattr(settings, "speculative_algorithm", None) is None:
        raise NoSuchStep("the engine has a draft only with the argument speculative_algorithm")
    path = settings.speculative_draft_model_path
    if path is None:
        raise NoSuchStep(f"{settings.speculative_algorithm} drafts without a model")
    return call(
        need("sglang.srt.configs.model_config:ModelConfig").from_server_args,
        server_args=build.server_args,
        model_path=path,
        model_revision=getattr(settings, "speculative_draft_model_revision", None),
        is_draft_model=True,
        context_length=getattr(build.model_config, "context_len", None),
    )


def draft_surroundings(build, config):
    """The contexts around the construction of a draft; those that the release has."""
    stack = contextlib.ExitStack()
    utils, moe = "sglang.srt.speculative.spec_utils", "sglang.srt.layers.moe.utils"
    parallel = "sglang.srt.speculative.draft_parallel"
    of_tp, layout = (
        find(utils + ":draft_tp_context"),
        find(parallel + ":resolve_draft_parallel_layout"),
    )
    if of_tp is not None and layout is not None:
        named = need("sglang.srt.speculative.spec_info:SpeculativeAlgorithm")
        algorithm = named.from_string(build.settings().speculative_algorithm)
        wanted = need(parallel + ":model_draft_parallel_spec")(config, spec_algorithm=algorithm)
        stack.enter_context(of_tp(layout(wanted)))
    for place in (
        moe + ":speculative_moe_backend_context",
        moe + ":speculative_moe_a2a_backend_context",
        moe + ":draft_model_build_scope",
    ):
        context = find(place)
        if context is not None:
            stack.enter_context(context())
    return stack
