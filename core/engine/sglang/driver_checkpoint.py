# The checkpoint's own files: configuration classes that its model type needs, and the Python that it
# names and may lack.
import _kdex

from driver_common.checkpoint import read_json, runs_remote_code
from driver_common.release import module_of, run_all


def _model_types(value, found):
    if isinstance(value, dict):
        kind = value.get("model_type")
        if isinstance(kind, str):
            found.append(kind)
        for inner in value.values():
            _model_types(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _model_types(inner, found)
    return found


def register_configurations(folder):
    """Runs the configuration files that are named after the checkpoint's model types.

    The engine's import of its configuration package runs them all; some only register a class with
    Transformers, so that no name of theirs is ever asked for.
    """
    if not hasattr(_kdex, "run_all"):
        return
    known = getattr(module_of("sglang.srt.utils.hf_transformers.common"), "_CONFIG_REGISTRY", {})
    types = [
        t.replace("-", "_").lower()
        for t in _model_types(read_json(folder + "/config.json"), [])
        if t not in known
    ]
    package = "sglang.srt.configs"
    for name, is_package in _kdex.list_modules(package):
        if not is_package and any(t == name or t.startswith(name + "_") for t in types):
            try:
                run_all(package + "." + name)
            except Exception:
                pass  # what it defines is asked for again, and fails then, where a class of it is needed


# What the common class of Transformers 4, which wrote such checkpoints' config.json, leaves out where it has these values.
LEFT_OUT = {
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}


def stand_in_for_remote_code(folder):
    """A class for the checkpoint's model type, where its own code would define one and is not beside config.json.

    It takes the fields as they are written; what the missing code would make of them is an assumption.
    """
    config = read_json(folder + "/config.json") or {}
    kind, target = config.get("model_type"), (config.get("auto_map") or {}).get("AutoConfig")
    target = target[0] if isinstance(target, (list, tuple)) and target else target
    if not isinstance(kind, str) or not isinstance(target, str) or runs_remote_code(folder):
        return
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING, AutoConfig

    if kind in CONFIG_MAPPING or kind in getattr(
        module_of("sglang.srt.utils.hf_transformers.common"), "_CONFIG_REGISTRY", {}
    ):
        return
    if _kdex.unknown(
        f"what {target} makes of config.json: its file is not in the checkpoint's folder"
    ):
        return
    import transformers

    base = getattr(transformers, "PreTrainedConfig", None) or transformers.PretrainedConfig

    def init(self, **fields):
        for name in (
            "rope_theta",
            "rope_scaling",
        ):  # set before the base class looks for them, as such classes do
            if name in fields:
                setattr(self, name, fields.pop(name))
        base.__init__(self, **{**LEFT_OUT, **fields})

    name = target.rpartition(".")[2]
    AutoConfig.register(
        kind,
        type(
            name,
            (base,),
            {"model_type": kind, "__init__": init, "__module__": "transformers_modules"},
        ),
    )
