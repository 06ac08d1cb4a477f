# What a run must tell beside the module tree: the arguments as the engine resolved them, what it made
# of those that were asked for, what it logged, left out and filled in.
from driver_common.limits import does_not_parse
from driver_common.log import PACKAGES, shown
from driver_common.release import find
from driver_common.told import filled_dtype, is_plain

PACKAGES.insert(0, "sglang/")


# Read in every case; of all others what differs from the engine's default.
RESOLVED = """attention_backend prefill_attention_backend decode_attention_backend moe_runner_backend moe_a2a_backend
quantization kv_cache_dtype page_size disable_shared_experts_fusion enable_dp_lm_head ep_size moe_dense_tp_size
fp8_gemm_runner_backend fp4_gemm_runner_backend mamba_backend linear_attn_backend speculative_algorithm
enable_multimodal trust_remote_code""".split()

# What kdex itself gives to every server, and what only repeats it.
NOT_SETTINGS = """model_path tokenizer_path served_model_name load_format skip_tokenizer_init random_seed
device enable_dp_attention""".split()


def _defaults(server_args):
    """Declared default of each argument that has a plain one."""
    cls = type(server_args)
    fields = find("sglang.srt.arg_groups.arg_utils:record_fields")
    if fields is None:
        import dataclasses

        fields = dataclasses.fields
    return {
        f.name: f.default for f in fields(cls) if is_plain(f.default) and not f.name.startswith("_")
    }


def resolved(work):
    """Server arguments as the engine resolved them, and its choice where one stays "auto"."""
    if work.server_args is None:
        return {}
    import torch

    source, out = work.settings(), {}
    for name in RESOLVED:
        try:
            out[name] = getattr(source, name)
        except AttributeError:
            pass
    for name, default in _defaults(work.server_args).items():
        if name not in out and name not in NOT_SETTINGS and hasattr(source, name):
            value = getattr(source, name)
            if is_plain(value) and value != default:
                out[name] = value
    if work.model is None:
        return out
    for kind in ("fp8", "fp4"):
        chosen = find(f"sglang.srt.layers.quantization.{kind}_utils:get_{kind}_gemm_runner_backend")
        if chosen is not None:
            out[f"chosen_{kind}_gemm_runner_backend"] = chosen().value
    for phase, chosen in zip(("prefill", "decode"), _attention_backends(source)):
        out[f"chosen_{phase}_attention_backend"] = chosen
    if work.kv_cache_dtype is not None:
        out["chosen_kv_cache_dtype"] = work.kv_cache_dtype
    out["device"] = "sm_%d%d" % torch.cuda.get_device_capability()
    return out


def _attention_backends(settings):
    of = find("sglang.srt.arg_groups.overrides:attention_backends_of")
    if of is not None:
        return of(settings)
    if hasattr(settings, "get_attention_backends"):
        return settings.get_attention_backends()
    return ()


def changed(work):
    """What was asked for and resolved to something else: (name, asked, resolved)."""
    if work.server_args is None:
        return []
    source, out = work.settings(), []
    for name, asked in work.asked.items():
        got = getattr(source, name, asked)
        if name not in NOT_SETTINGS and is_plain(got) and got != asked:
            out.append((name, str(asked), str(got)))
    return out


def broken_files(work, error):
    """One text for each file that fails: of models, which the registry leaves out, and the one that
    ends the build. File and line, for a file that does not parse with the line and a caret."""
    out = []
    broken = list(work.models.broken) if work.models is not None else []
    if does_not_parse(error):
        broken.append((error.filename, error))
    for module, error in broken:
        if does_not_parse(error):
            text = (error.text or "").rstrip()
            at = f"{shown(error.filename)}:{error.lineno}:{error.offset}"
            caret = " " * max(0, (error.offset or 1) - 1) + "^"
            out.append(f"{at}: {error.msg or error}\n{text}\n{caret}")
        else:
            out.append(f"{module}: {type(error).__name__}: {error}")
    return out


def remarks(work):
    """What the engine filled in without a word, where config.json is silent."""
    rule = find("sglang.srt.configs.model_config:_get_and_verify_dtype")
    return filled_dtype(work.model_config, work.asked, rule, "server argument")
