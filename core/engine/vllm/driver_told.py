# What a run must tell beside the module tree: the arguments as the engine resolved them, what it made
# of those that were asked for, and what it filled in.
from driver_common.release import find, module_of
from driver_common.told import filled_dtype, is_plain

# What the engine decides, wherever its configuration keeps it: name -> place.
RESOLVED = {
    "tensor_parallel_size": "parallel_config.tensor_parallel_size",
    "pipeline_parallel_size": "parallel_config.pipeline_parallel_size",
    "data_parallel_size": "parallel_config.data_parallel_size",
    "enable_expert_parallel": "parallel_config.enable_expert_parallel",
    "block_size": "cache_config.block_size",
    "kv_cache_dtype": "cache_config.cache_dtype",
    "attention_backend": "attention_config.backend",
    "moe_backend": "kernel_config.moe_backend",
    "linear_backend": "kernel_config.linear_backend",
    "quantization": "model_config.quantization",
    "max_model_len": "model_config.max_model_len",
    "trust_remote_code": "model_config.trust_remote_code",
    "is_moe": "model_config.is_moe",
    "max_num_seqs": "scheduler_config.max_num_seqs",
    "max_num_batched_tokens": "scheduler_config.max_num_batched_tokens",
    "enable_chunked_prefill": "scheduler_config.enable_chunked_prefill",
    "enable_prefix_caching": "cache_config.enable_prefix_caching",
    "custom_ops": "compilation_config.custom_ops",
}

# What kdex itself gives to every server, and what only repeats it.
NOT_SETTINGS = """model tokenizer served_model_name load_format skip_tokenizer_init seed
trust_remote_code data_parallel_rank data_parallel_address data_parallel_rpc_port""".split()


def _at(config, place):
    for name in place.split("."):
        config = getattr(config, name, None)
    name = getattr(config, "name", None)
    return name if isinstance(name, str) and not is_plain(config) else config


def _expert_ranks():
    """Ranks that the experts are spread over: 1 where expert parallelism is off."""
    groups = module_of("vllm.distributed.parallel_state")
    group = getattr(groups, "_EP", None)
    return None if group is None else group.world_size


def resolved(work):
    """Engine arguments as the engine resolved them; others that differ from their default."""
    if work.config is None:
        return {}
    out = {name: _at(work.config, place) for name, place in RESOLVED.items()}
    out = {name: list(v) if isinstance(v, (list, tuple)) else v for name, v in out.items()}
    out = {name: value for name, value in out.items() if is_plain(value)}
    if out["enable_expert_parallel"]:
        out["expert_parallel_size"] = _expert_ranks() or 1
    for name, value in work.asked.items():
        if name not in out and name not in NOT_SETTINGS and is_plain(getattr(work.args, name, 0)):
            out[name] = getattr(work.args, name)
    import torch

    out["device"] = "sm_%d%d" % torch.cuda.get_device_capability()
    return out


def changed(work):
    """What was asked for and resolved to something else: (name, asked, resolved)."""
    if work.config is None:
        return []
    out = []
    for name, asked in work.asked.items():
        got = _at(work.config, RESOLVED[name]) if name in RESOLVED else asked
        if name not in NOT_SETTINGS and is_plain(got) and got != asked:
            out.append((name, str(asked), str(got)))
    return out


def untraced():
    """Classes whose forward the engine would have traced, to run their layers by its own."""
    import torch.fx

    return torch.fx.untraced


def remarks(work):
    """What the engine filled in without a word, where config.json is silent; and what it would have
    learned from traces that are not made."""
    names = untraced()
    said = (
        []
        if not names
        else [
            "no forward is traced here: what the engine fuses by traces of "
            + ", ".join(names)
            + " is built as it was before"
        ]
    )
    rule = find("vllm.config.model:_get_and_verify_dtype", "vllm.config:_get_and_verify_dtype")
    return said + filled_dtype(work.model_config, work.asked, rule, "engine argument")
