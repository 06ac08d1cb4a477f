# What a run tells beside the module tree, in the form that every engine's build() gives it. Must not
# know any engine.
from driver_common.log import frames, shown


def is_plain(value):
    if isinstance(value, (list, tuple)):
        return all(is_plain(v) for v in value)
    return value is None or isinstance(value, (bool, int, float, str))


def argument_help(line, arguments):
    """What each of the arguments means, in the words of the engine's parser: name -> text."""
    if line is None:
        return {}
    said = {name: line.help(name) for name in arguments}
    return {name: text for name, text in said.items() if text}


def filled_dtype(config, asked, rule, setting):
    """A remark on the dtype that the engine's `rule` took, where config.json names none.

    `config`: the engine's model configuration; `asked`: the arguments that were given; `setting`:
    what the engine calls them.
    """
    if config is None or rule is None or "dtype" in asked:
        return []
    text = config.hf_text_config
    text = text if isinstance(text, dict) else vars(text)
    named = text.get("dtype") or text.get("torch_dtype") or text.get("_torch_dtype")
    if named is not None:
        return []
    code = rule.__code__
    return [
        f"the configuration names no dtype: the engine took {str(config.dtype).rpartition('.')[2]}"
        f" ({shown(code.co_filename)}:{code.co_firstlineno} {rule.__name__});"
        f" the {setting} dtype chooses another"
    ]


def _qualified(cls):
    return None if cls is None else cls.__module__ + "." + cls.__qualname__


def failure(work, error, is_own):
    """The result of a build that ended by an exception; `is_own`: kdex's fault, not a refusal."""
    return {
        "status": "failed" if is_own else "refused",
        "stage": work.stage,
        "error_type": type(error).__name__,
        "error": str(error),
        "where": frames(error),
        "exception": error,
        "architecture": work.architecture,
        "model_class": _qualified(work.model_class),
    }


def success(work, quantization):
    """The result of a build; `quantization`: the engine's own configuration of it, or None."""
    config = work.model_config
    modules = list(work.model.named_modules())
    return {
        "status": "ok",
        "architecture": work.architecture,
        "model_class": _qualified(type(work.model)),
        "hf_config_class": type(config.hf_config).__name__,
        "quant_config_class": None if quantization is None else type(quantization).__name__,
        "dtype": config.dtype,
        "model_config": config,
        "hf_config": config.hf_config,
        "model": modules[0][1],  # some model classes are no module themselves but hand on to one
        "modules": modules,
    }
