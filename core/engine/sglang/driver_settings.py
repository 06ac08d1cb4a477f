# What counts as a setting of the deployment: numbers of the server arguments and of the process
# groups, whatever they were given, resolved or counted by.

import _kdex

from driver_common.release import module_of


def mark_arguments(args):
    """Marks the number in each server argument as a setting, however it was given or resolved."""
    names = getattr(args, "__struct_fields__", None) or list(getattr(args, "__dict__", ()))
    for name in names:
        value = getattr(args, name, None)
        if isinstance(value, (int, float)):
            object.__setattr__(args, name, _kdex.setting(name, value))
    for _, declared in getattr(args, "_resolved_overrides", None) or ():
        for name, value in list(declared.items()):
            if isinstance(value, (int, float)):
                declared[name] = _kdex.setting(name, value)


def mark_published():
    """The same for what the release publishes: a declared fallback stands in no argument."""
    overrides = module_of("sglang.srt.arg_groups.overrides")
    read = getattr(overrides, "resolution_result", None)
    if read is None:
        return

    def resolution_result(server_args, field, default=None):
        value = read(server_args, field, default)
        return _kdex.setting(field, value) if isinstance(value, (int, float)) else value

    overrides.resolution_result = resolution_result


# The process groups that a release may have, as its module calls them. One object may serve as
# several: it is called by the first.
GROUPS = """_TP _WORLD _PP _SELF_PP _DCP _MOE_EP _MOE_TP _MOE_DP _ATTN_TP _ATTN_CP _SHARED_EXPERTS_TP
_PDMUX_PREFILL_TP_GROUP""".split()


def mark_groups(groups, args):
    """The same for the process groups: their sizes and ranks are counted from lists of ranks."""
    sizes = {"_TP": args.tp_size, "_MOE_EP": args.ep_size, "_PP": getattr(args, "pp_size", 1)}
    seen = []
    for name in GROUPS:
        group = getattr(groups, name, None)
        if not hasattr(group, "world_size") or any(group is g for g in seen):
            continue
        seen.append(group)
        size = sizes.get(name)
        if size != group.world_size:
            size = _kdex.setting(name.strip("_").lower() + "_size", group.world_size)
        group.world_size = size
        group.rank_in_group = _kdex.setting(name.strip("_").lower() + "_rank", group.rank_in_group)
