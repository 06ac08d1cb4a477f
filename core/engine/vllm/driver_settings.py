# What counts as a setting of the deployment: numbers of the engine's configuration and of the process
# groups, whatever they were given, resolved or counted by.
import _kdex

from driver_common.release import module_of

# The parts of the configuration that say what is served and where, not which model.
PARTS = """parallel_config cache_config scheduler_config""".split()


def mark_configuration(config):
    """Marks the numbers in the parts of the configuration as settings."""
    for part in PARTS:
        own = getattr(config, part, None)
        for name, value in list(getattr(own, "__dict__", {}).items()):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                object.__setattr__(own, name, _kdex.setting(name, value))


# The process groups, as vLLM's module calls them -> the setting that states their size.
GROUPS = {
    "_TP": "tensor_parallel_size",
    "_PP": "pipeline_parallel_size",
    "_DP": "data_parallel_size",
    "_DCP": "decode_context_parallel_size",
    "_PCP": "prefill_context_parallel_size",
    "_EP": "expert_parallel_size",
    "_WORLD": "world_size",
}


def mark_groups(parallel):
    """The same for the process groups: a group counts its ranks in a list made of a tensor."""
    groups = module_of("vllm.distributed.parallel_state")
    for name, setting in GROUPS.items():
        group = getattr(groups, name, None)
        if not hasattr(group, "world_size"):
            continue
        size = getattr(parallel, setting, None)
        if size != group.world_size:
            size = _kdex.setting(setting, group.world_size)
        group.world_size = size
        rank = name.strip("_").lower() + "_rank"
        group.rank_in_group = _kdex.setting(rank, group.rank_in_group)
