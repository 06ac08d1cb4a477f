# Builds a model by calling SGLang's own code, as rank 0 of a deployment whose devices, sockets and
# processes are not there. Runs inside the abstract machine; what it replaces is named in README.md.
# What SGLang decides (backends, sizes, classes) is never restated here.
import _kdex

HERE = __file__.rpartition("/")[0] or "."


# ---- what the tree has ----


def _module(name):
    """The module, or None where this release has no such file."""
    try:
        return _kdex.import_module(name)
    except ModuleNotFoundError as e:
        missing = getattr(e, "name", None) or ""
        if missing and (name == missing or name.startswith(missing + ".")):
            return None
        raise


def _find(*places):
    """The first of "module:name" that the tree has, or None."""
    for place in places:
        module, _, name = place.partition(":")
        m = _module(module)
        if m is not None:
            found = getattr(m, name, None)
            if found is not None:
                return found
    return None


class NotInRelease(LookupError):
    """This file needs what the source tree does not have; no answer of the engine's."""


def _need(*places):
    found = _find(*places)
    if found is None:
        raise NotInRelease("this release of SGLang has none of " + ", ".join(places))
    return found


def _names(function):
    """The parameters that a function takes."""
    code = getattr(function, "__code__", None)
    if code is not None:
        count = code.co_argcount + code.co_kwonlyargcount
        return list(code.co_varnames[:count])
    import inspect

    return list(inspect.signature(function).parameters)


def _required(function):
    """Those of them that have no default."""
    names, code = _names(function), getattr(function, "__code__", None)
    if code is None:
        return []
    optional = set(function.__kwdefaults__ or ())
    first = code.co_argcount - len(function.__defaults__ or ())
    return [
        n for i, n in enumerate(names) if n not in optional and not first <= i < code.co_argcount
    ]


def _call(function, server_args=None, **offered):
    """Calls with those of the offered arguments that the function takes; what else it needs is a server argument."""
    taken = _names(function)
    if server_args is not None:
        offered["server_args"] = server_args
        for name in _required(function):
            if name not in offered and hasattr(server_args, name):
                offered[name] = getattr(server_args, name)
    return function(**{k: v for k, v in offered.items() if k in taken})


def _run_all(name):
    """Runs a module's top level whole: registrations there bind no name that a reader would ask for."""
    module = _module(name)
    if module is not None and hasattr(_kdex, "run_all"):
        _kdex.run_all(name)
    return module


# ---- the machine's edge ----


class Inert:
    """A communicator that never communicates."""

    disabled = True
    available = False

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self

    @classmethod
    def create_from_process_group(cls, *args, **kwargs):
        return cls()

    def change_state(self, *args, **kwargs):
        import contextlib

        return contextlib.nullcontext()


# Class or factory, by where GroupCoordinator looks for it.
COMMUNICATORS = (
    ("pynccl", "PyNcclCommunicator"),
    ("pymscclpp", "PyMscclppCommunicator"),
    ("torch_symm_mem", "TorchSymmMemCommunicator"),
    ("shm_broadcast", "MessageQueue"),
    ("quick_all_reduce", "QuickAllReduce"),
    ("custom_all_reduce", "CustomAllreduce"),
    ("custom_all_reduce", "dispatch_custom_allreduce"),
    ("pcie_ipc_ar", "PcieIpcCommunicator"),
)


# The compiler of the engine's own kernels, by where releases have it.
KERNEL_LOADERS = (
    "sglang.kernels.jit.utils.compile.loader",
    "sglang.kernels.jit.utils.compile",
    "sglang.jit_kernel.utils.compile",
    "sglang.jit_kernel.utils",
)


def _facts_of(platform):
    if isinstance(platform, dict):
        return platform
    import json

    with open(HERE + "/platforms.json") as f:
        known = json.load(f)
    if platform not in known or platform == "about":
        raise ValueError(
            f"unknown platform {platform!r}; known: " + ", ".join(k for k in known if k != "about")
        )
    return known[platform]


def prepare(platform):
    """Everything that does not depend on the checkpoint."""
    import torch._platform as edge

    facts = _facts_of(platform)
    edge.facts.update(
        available=facts["device"] == "cuda",
        name=facts["name"],
        capability=tuple(facts["capability"]),
        total_memory=facts["total_memory"],
        multi_processor_count=facts["multi_processor_count"],
        device_count=facts["device_count"],
        cuda_version=facts["cuda"],
    )
    version = _kdex.dist_version("torch")
    if version:
        edge.facts["torch_version"] = version

    patches = _module("sglang.srt.utils.hf_transformers_patches")
    if patches is not None and hasattr(patches, "apply_all"):
        patches.apply_all()

    # Memory is asked of nvidia-smi in a process of its own; the answer is a platform fact.
    common = _module("sglang.srt.utils.common") or _module("sglang.srt.utils")
    mib = facts["total_memory"] // (1 << 20)
    for module in (common, _module("sglang.srt.utils"), _module("sglang.srt.server_args")):
        if module is not None and "get_nvgpu_memory_capacity" in vars(module):
            module.get_nvgpu_memory_capacity = lambda: mib
    if hasattr(common, "get_nvgpu_memory_capacity"):
        common.get_nvgpu_memory_capacity = lambda: mib

    base = "sglang.srt.distributed.device_communicators."
    for file, name in COMMUNICATORS:
        module = _module(base + file)
        if module is not None and hasattr(module, name):
            setattr(module, name, Inert)
    for name in KERNEL_LOADERS:
        module = _module(name)
        if module is not None and hasattr(module, "load_jit"):
            module.load_jit = lambda *args, **kwargs: _kdex.unknown(
                "a kernel that load_jit compiles"
            )
            break
    if _module("vllm") is not None:
        import torch

        # A question that vLLM's compiled operators answer from the device's capability.
        torch.ops._C.cutlass_scaled_mm_supports_fp8 = lambda capability: capability >= 89
    _run_all(
        "sglang.srt.utils.hf_transformers.common"
        if _module("sglang.srt.utils.hf_transformers") is not None
        else "sglang.srt.utils.hf_transformers_utils"
    )


# ---- the registry ----


class Models(dict):
    """Architecture -> class, where a model's file is run when its class is asked for.

    SGLang's registry imports every model file to learn what it declares; the declaration itself
    is enough to list them.
    """

    def __getitem__(self, name):
        found = dict.__getitem__(self, name)
        if isinstance(found, str):
            entry = _kdex.import_module(found).EntryClass
            for cls in entry if isinstance(entry, list) else [entry]:
                if cls.__name__ == name:
                    found = cls
            dict.__setitem__(self, name, found)
        return found

    def get(self, name, default=None):
        return self[name] if name in self else default

    def values(self):
        return [self[name] for name in self]

    def items(self):
        return [(name, self[name]) for name in self]


def use_declared_models(declared):
    """Puts what the model files declare (architecture -> module) where the registry would hold the classes."""
    registry = _module("sglang.srt.models.registry")
    if hasattr(_kdex, "run_all"):
        registry.import_model_classes = lambda *args, **kwargs: {}
    models = Models()
    for name, module in declared.items():
        models.setdefault(name, module)
    registry.ModelRegistry.models = models


# ---- the deployment ----


def _read_json(path):
    import json

    try:
        with open(path) as f:
            return json.load(f)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _runs_remote_code(folder):
    """Whether the checkpoint's own Python is there for what its auto_map names."""
    import os

    config = _read_json(folder + "/config.json")
    for target in ((config or {}).get("auto_map") or {}).values():
        for name in target if isinstance(target, (list, tuple)) else (target,):
            if (
                name
                and "--" not in name
                and not os.path.exists(folder + "/" + name.partition(".")[0] + ".py")
            ):
                return False
    return True


def _typed(text):
    """A server argument as written on a command line."""
    if not isinstance(text, str):
        return text
    low = text.strip().lower()
    if low in ("true", "false"):
        return low == "true"
    if low in ("none", "null"):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _argument_names(request):
    """What the engine calls tp, ep, ...: engine.json's arguments."""
    if "arguments" in request:
        return request["arguments"]
    import json

    with open(HERE + "/engine.json") as f:
        return json.load(f)["arguments"]


def server_arguments(request):
    """The arguments that a user of this deployment would give to the server."""
    path = request["checkpoint"]
    given = {k.replace("-", "_"): _typed(v) for k, v in (request.get("engine_args") or {}).items()}
    names = _argument_names(request)
    args = {
        names["checkpoint"]: path,
        names["tp"]: request.get("tp") or 1,
        names["ep"]: request.get("ep") or 1,
        "load_format": "dummy",
        "skip_tokenizer_init": True,
        "trust_remote_code": _runs_remote_code(path),
    }
    attention_dp = request.get("attention_dp") or 1
    if attention_dp > 1:
        args[names["attention_dp"]] = attention_dp
        args["enable_dp_attention"] = True
    if request.get("page_size") is not None:
        args[names["page_size"]] = request["page_size"]
    args.update(given)
    return args


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
    known = getattr(_module("sglang.srt.utils.hf_transformers.common"), "_CONFIG_REGISTRY", {})
    types = [
        t.replace("-", "_").lower()
        for t in _model_types(_read_json(folder + "/config.json"), [])
        if t not in known
    ]
    package = "sglang.srt.configs"
    for name, is_package in _kdex.list_modules(package):
        if not is_package and any(t == name or t.startswith(name + "_") for t in types):
            try:
                _run_all(package + "." + name)
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
    config = _read_json(folder + "/config.json") or {}
    kind, target = config.get("model_type"), (config.get("auto_map") or {}).get("AutoConfig")
    target = target[0] if isinstance(target, (list, tuple)) and target else target
    if not isinstance(kind, str) or not isinstance(target, str) or _runs_remote_code(folder):
        return
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING, AutoConfig

    if kind in CONFIG_MAPPING or kind in getattr(
        _module("sglang.srt.utils.hf_transformers.common"), "_CONFIG_REGISTRY", {}
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


# ---- what counts as a setting ----


def mark_arguments(args):
    """Lets each server argument's number be known as a setting, whatever it was given or resolved by."""
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
    overrides = _module("sglang.srt.arg_groups.overrides")
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


# ---- the stages ----


class Reached(BaseException):
    """A constructor of the engine has come to the point up to which it is run."""


class Build:
    def __init__(self, request):
        self.request = request
        self.stage = "checkpoint"
        self.server_args = self.model_config = self.model = self.model_class = None
        self.architecture = self.quant_config = self.kv_cache_dtype = None
        self.is_draft = False

    def run(self):
        self.stage = "platform"
        prepare(self.request.get("platform") or "h200")
        if self.request.get("architectures"):
            use_declared_models(self.request["architectures"])
        for step in (
            self.resolve_server_args,
            self.configure_model,
            self.make_groups,
            self.configure_layers,
            self.expert_location,
            self.quantization,
            self.constructor,
            self.kv_cache,
        ):
            self.stage = STAGES.get(step.__name__, step.__name__)
            step()

    def resolve_server_args(self):
        register_configurations(self.request["checkpoint"])
        stand_in_for_remote_code(self.request["checkpoint"])
        ServerArgs = _need("sglang.srt.server_args:ServerArgs")
        given = server_arguments(self.request)
        if (
            given["ep_size"] > 1
            and given["ep_size"] == given["tp_size"]
            and hasattr(ServerArgs, "enable_ep_moe")
        ):
            given.setdefault(
                "enable_ep_moe", True
            )  # earlier releases have a switch beside the size
        self.is_draft = bool(
            given.pop("is_draft_model", False)
        )  # the engine's own word for a draft head, not a server argument
        self.server_args = args = ServerArgs(**given)
        mark_arguments(args)
        if hasattr(args, "resolve_once"):
            args.resolve_once()
            mark_arguments(args)

    def configure_model(self):
        ModelConfig = _need("sglang.srt.configs.model_config:ModelConfig")
        if hasattr(ModelConfig, "from_server_args"):
            draft = {"is_draft_model": True} if self.is_draft else {}
            self.model_config = ModelConfig.from_server_args(self.server_args, **draft)
            return
        # The release's worker makes it, and then its model runner.
        worker = _need("sglang.srt.managers.tp_worker:TpModelWorker")
        if self.is_draft and not self.server_args.speculative_draft_model_path:
            self.server_args.speculative_draft_model_path = self.server_args.model_path

        def runner(*args, **kwargs):
            self.model_config = kwargs["model_config"]
            raise Reached

        _module("sglang.srt.managers.tp_worker").ModelRunner = runner
        try:
            _call(
                worker,
                server_args=self.server_args,
                gpu_id=0,
                tp_rank=0,
                pp_rank=0,
                dp_rank=None,
                nccl_port=0,
                is_draft_worker=self.is_draft,
            )
        except Reached:
            pass

    def publish(self):
        """Hands the resolved arguments to the process, in the way that the release has."""
        args = self.server_args
        context = _module("sglang.srt.runtime_context")
        if context is not None and hasattr(context, "publish"):
            offered = {"role": "scheduler"}
            if hasattr(context, "SpawnRanks"):
                offered["ranks"] = context.SpawnRanks(world_rank=0, dp_rank=None, gpu_id=0)
            _call(context.publish, server_args=args, **offered)
            return
        set_global = _find("sglang.srt.server_args:set_global_server_args_for_scheduler")
        if set_global is not None:
            set_global(args)
            return
        # The release's model runner fills a dictionary of arguments before it joins the other processes.
        runner = _need("sglang.srt.model_executor.model_runner:ModelRunner")

        class Runner(runner):
            def init_torch_distributed(self):
                raise Reached

        try:
            _call(
                runner.__init__,
                self=Runner.__new__(Runner),
                server_args=args,
                model_config=self.model_config,
                gpu_id=0,
                tp_rank=0,
                pp_rank=0,
                moe_ep_rank=0,
                moe_ep_size=args.ep_size,
                nccl_port=0,
            )
        except Reached:
            pass

    def make_groups(self):
        args = self.server_args
        mark_published()
        self.publish()
        groups = _module("sglang.srt.distributed.parallel_state")
        world = args.tp_size * getattr(args, "pp_size", 1)
        _call(
            groups.init_distributed_environment,
            world_size=world,
            rank=0,
            local_rank=0,
            backend="nccl",
            distributed_init_method="tcp://127.0.0.1:29500",
            timeout=None,
            moe_a2a_backend=None,
        )
        sizes = {
            "tensor_model_parallel_size": args.tp_size,
            "pipeline_model_parallel_size": getattr(args, "pp_size", 1),
            "expert_model_parallel_size": args.ep_size,
            "attention_data_parallel_size": getattr(args, "dp_size", 1)
            if getattr(args, "enable_dp_attention", False)
            else 1,
            "attention_context_model_parallel_size": getattr(args, "attn_cp_size", 1),
            "moe_data_model_parallel_size": getattr(args, "moe_dp_size", 1),
        }
        _call(groups.initialize_model_parallel, **sizes)
        mark_groups(groups, args)
        dp = _module("sglang.srt.layers.dp_attention")
        if dp is not None:
            _call(
                dp.initialize_dp_attention,
                server_args=args,
                model_config=self.model_config,
                tp_rank=0,
            )

    def configure_layers(self):
        gathered = _find("sglang.srt.layers.dp_attention:init_dp_gathered_buffer")
        if gathered is not None:
            _call(gathered, server_args=self.server_args, model_config=self.model_config)
        sequence = _find("sglang.srt.layers.layernorm_sp:initialize_layernorm_sp")
        if sequence is not None:
            _call(sequence, server_args=self.server_args, model_config=self.model_config)
        for place in (
            "sglang.srt.layers.moe.utils:initialize_moe_config",
            "sglang.srt.layers.quantization.fp8_utils:initialize_fp8_gemm_config",
            "sglang.srt.layers.quantization.fp4_utils:initialize_fp4_gemm_config",
            "sglang.srt.layers.quantization.unquant:initialize_bf16_gemm_config",
        ):
            initialize = _find(place)
            if initialize is not None:
                _call(initialize, server_args=self.server_args)
        gate = _find(
            "sglang.srt.model_executor.model_runner_components.misc_utils:maybe_disable_chunked_prefix_cache"
        )
        if gate is not None:
            mla = _find("sglang.srt.configs.model_config:AttentionArch").MLA
            _call(
                gate,
                server_args=self.server_args,
                use_mla_backend=self.model_config.attention_arch == mla,
                is_draft_worker=self.is_draft,
            )

    def expert_location(self):
        wanted = _find("sglang.srt.eplb.expert_location:ModelConfigForExpertLocation")
        if wanted is not None:
            wanted.from_model_config(self.model_config)

    def quantization(self):
        loader = _module("sglang.srt.model_loader.loader")
        LoadConfig = _need("sglang.srt.configs.load_config:LoadConfig")
        self.load_config = LoadConfig(load_format="dummy")
        architecture = _need(
            "sglang.srt.model_loader.utils:get_model_architecture",
            "sglang.srt.model_loader:get_model_architecture",
        )
        self.model_class, self.architecture = architecture(self.model_config)
        make = loader._get_quantization_config
        if "packed_modules_mapping" in _names(make):
            packed = getattr(self.model_class, "packed_modules_mapping", {})
            remap = getattr(self.model_class, "remap_prefix", None)
            self.quant_config = _call(
                make,
                model_config=self.model_config,
                load_config=self.load_config,
                packed_modules_mapping=packed,
                remap_prefix=remap,
            )
        else:
            self.quant_config = make(self.model_config, self.load_config)

    def constructor(self):
        try:
            self.construct("meta")
        except (RuntimeError, NotImplementedError) as e:
            # Some models read small tensors' values while they are built, which the GPU has and the meta device has not.
            if "meta tensor" not in str(e):
                raise
            self.construct("cuda")

    def construct(self, device):
        import torch

        if _module("vllm") is not None:
            # Releases whose layers partly are vLLM's let these see the engine's own groups and classes, at the top
            # level of their quantization or in their model runner.
            _run_all("sglang.srt.layers.quantization")
            for place in (
                "sglang.srt.distributed.parallel_state:monkey_patch_vllm_parallel_state",
                "sglang.srt.layers.quantization:monkey_patch_isinstance_for_vllm_base_layer",
            ):
                patch = _find(place)
                if patch is not None:
                    patch()
        loader = _module("sglang.srt.model_loader.loader")
        with loader.set_default_torch_dtype(self.model_config.dtype):
            with torch.device(device):
                self.model = _call(
                    loader._initialize_model,
                    model_config=self.model_config,
                    load_config=self.load_config,
                    quant_config=self.quant_config,
                )

    def kv_cache(self):
        """What the argument "auto" means is decided by the quantization of the built model."""
        choose = _find("sglang.srt.mem_cache.kv_cache_dtype:configure_kv_cache_dtype")
        if choose is None or _resolving(self.server_args).kv_cache_dtype != "auto":
            return
        chosen, _ = choose(
            server_args_kv_cache_dtype="auto",
            model=self.model,
            model_dtype=self.model_config.dtype,
            is_draft_worker=False,
            is_dflash=False,
            speculative_draft_attention_backend=None,
        )
        self.kv_cache_dtype = chosen or "auto"


STAGES = {
    "configure_model": "model_config",
    "make_groups": "process_groups",
    "configure_layers": "layer_runtime",
    "quantization": "quant_config",
}

RESOLVED = """attention_backend prefill_attention_backend decode_attention_backend moe_runner_backend moe_a2a_backend
quantization kv_cache_dtype page_size disable_shared_experts_fusion enable_dp_lm_head ep_size moe_dense_tp_size
fp8_gemm_runner_backend fp4_gemm_runner_backend mamba_backend linear_attn_backend speculative_algorithm
enable_multimodal trust_remote_code""".split()


def _resolving(server_args):
    """The arguments as far as they are resolved."""
    view = _find("sglang.srt.arg_groups.overrides:resolving_view")
    return view(server_args) if view is not None else server_args


def _resolved(work):
    import torch

    source = _resolving(work.server_args)
    out = {}
    for name in RESOLVED:
        try:
            out[name] = getattr(source, name)
        except AttributeError:
            pass
    # The argument stays "auto": what that means is decided where the layers are configured.
    for kind in ("fp8", "fp4"):
        chosen = _find(
            f"sglang.srt.layers.quantization.{kind}_utils:get_{kind}_gemm_runner_backend"
        )
        if chosen is not None:
            out[f"chosen_{kind}_gemm_runner_backend"] = chosen().value
    if work.kv_cache_dtype is not None:
        out["chosen_kv_cache_dtype"] = work.kv_cache_dtype
    out["device"] = "sm_%d%d" % torch.cuda.get_device_capability()
    return out


def _where(error):
    """The engine's own frames, innermost last: "file:line function: source"."""
    import traceback

    out = []
    for f in traceback.extract_tb(error.__traceback__):
        at = f.filename.rfind("sglang/")
        if at >= 0:
            out.append(f"{f.filename[at:]}:{f.lineno} {f.name}: {f.line or ''}".rstrip(": "))
    return out[-4:]


def _qualified(cls):
    return cls.__module__ + "." + cls.__qualname__


def build(request):
    """See README.md for the form of request and result."""
    work = Build(request)
    try:
        work.run()
    except Exception as error:
        if work.stage == "platform" or isinstance(error, NotInRelease):
            raise
        return {
            "status": "failed",
            "stage": work.stage,
            "error_type": type(error).__name__,
            "error": str(error),
            "where": _where(error),
            "exception": error,
            "architecture": work.architecture,
            "model_class": None if work.model_class is None else _qualified(work.model_class),
        }
    config = work.model_config
    modules = list(work.model.named_modules())
    return {
        "status": "ok",
        "architecture": work.architecture,
        "model_class": _qualified(type(work.model)),
        "hf_config_class": type(config.hf_config).__name__,
        "quant_config_class": None
        if work.quant_config is None
        else type(work.quant_config).__name__,
        "dtype": config.dtype,
        "resolved": _resolved(work),
        "model_config": config,
        "hf_config": config.hf_config,
        "model": modules[0][1],  # some model classes are no module themselves but hand on to one
        "modules": modules,
    }
