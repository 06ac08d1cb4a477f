# Builds a model by calling SGLang's own code, as rank 0 of a deployment whose devices, sockets and
# processes are not there. Runs inside the abstract machine; what it replaces is named in README.md.
# What SGLang decides (backends, sizes, classes) is never restated here.
from driver_arguments import command_line, parse_server_arguments, take_draft
from driver_checkpoint import register_configurations, stand_in_for_remote_code
from driver_common.command_line import answer
from driver_common.limits import is_own_limit
from driver_common.log import Log
from driver_common.release import (
    NoSuchStep,
    NotInRelease,
    call,
    find,
    module_of,
    need,
    parameters_of,
    run_all,
)
from driver_common.told import argument_help, failure, success
from driver_draft import draft_config, draft_surroundings
from driver_edge import prepare
from driver_registry import use_declared_models
from driver_settings import mark_arguments, mark_groups, mark_published
from driver_told import broken_files, changed, remarks, resolved


class Reached(BaseException):
    """A constructor of the engine has come to the point up to which it is run."""


SHARED = {}  # what share() has made


def share(request):
    """Runs what every build on a platform runs first: the platform, the registry, the log, the parser.

    kdex keeps the state that this leaves as an image, and builds begin with it. So it must not ask
    for anything of a checkpoint or of a deployment.
    """
    prepare(request.get("platform") or "h200")
    declared = request.get("architectures")
    models = use_declared_models(declared) if declared else None
    log = Log()
    log.listen()
    SHARED.update(models=models, log=log)
    try:
        command_line()
    except Exception:
        pass  # it fails again where it is needed, which tells the stage


class Build:
    def __init__(self, request):
        self.request = request
        self.stage = "checkpoint"
        self.server_args = self.model_config = self.model = self.model_class = None
        self.architecture = self.quant_config = self.kv_cache_dtype = None
        self.is_draft = False
        self.asked = {}
        self.command_line = None
        self.models = None
        self.log = None

    def run(self):
        self.stage = "platform"
        if not SHARED:
            share(self.request)
        self.models, self.log = SHARED["models"], SHARED["log"]
        self.take(
            self.parse_server_args,
            self.resolve_server_args,
            self.configure_model,
            self.make_groups,
            self.configure_layers,
            self.expert_location,
        )

    def take(self, *steps):
        for step in steps:
            self.stage = STAGES.get(step.__name__, step.__name__)
            step()

    def build_model(self):
        if not self.request.get("draft"):
            self.take(self.quantization, self.constructor, self.kv_cache)
            return
        self.take(self.become_draft)
        with draft_surroundings(self, self.model_config):
            self.take(self.quantization, self.constructor, self.kv_cache)

    def become_draft(self):
        """The model is the deployment's draft: its target is not built."""
        self.model_config, self.is_draft = draft_config(self), True

    def parse_server_args(self):
        """A stage of its own: a failure here is a wrong command line, not a refused configuration."""
        register_configurations(self.request["checkpoint"])
        stand_in_for_remote_code(self.request["checkpoint"])
        given = dict(self.request.get("engine_args") or {})
        self.is_draft = take_draft(given)
        self.server_args, self.asked, self.command_line = parse_server_arguments(
            {**self.request, "engine_args": given}
        )
        mark_arguments(self.server_args)

    def resolve_server_args(self):
        if hasattr(self.server_args, "resolve_once"):
            self.server_args.resolve_once()
            mark_arguments(self.server_args)

    def settings(self):
        """The arguments as they are resolved by now."""
        view = find("sglang.srt.arg_groups.overrides:resolving_view")
        return self.server_args if view is None else view(self.server_args)

    def configure_model(self):
        ModelConfig = need("sglang.srt.configs.model_config:ModelConfig")
        if hasattr(ModelConfig, "from_server_args"):
            draft = {"is_draft_model": True} if self.is_draft else {}
            self.model_config = ModelConfig.from_server_args(self.server_args, **draft)
            return
        # The release's worker makes it, and then its model runner.
        worker = need("sglang.srt.managers.tp_worker:TpModelWorker")
        if self.is_draft and not self.server_args.speculative_draft_model_path:
            self.server_args.speculative_draft_model_path = self.server_args.model_path

        def runner(*args, **kwargs):
            self.model_config = kwargs["model_config"]
            raise Reached

        module_of("sglang.srt.managers.tp_worker").ModelRunner = runner
        try:
            call(
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
        context = module_of("sglang.srt.runtime_context")
        if context is not None and hasattr(context, "publish"):
            offered = {"role": "scheduler"}
            if hasattr(context, "SpawnRanks"):
                offered["ranks"] = context.SpawnRanks(world_rank=0, dp_rank=None, gpu_id=0)
            call(context.publish, server_args=args, **offered)
            return
        set_global = find("sglang.srt.server_args:set_global_server_args_for_scheduler")
        if set_global is not None:
            set_global(args)
            return
        # The release's model runner fills a dictionary of arguments before it joins the other processes.
        runner = need("sglang.srt.model_executor.model_runner:ModelRunner")

        class Runner(runner):
            def init_torch_distributed(self):
                raise Reached

        try:
            call(
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
        groups = module_of("sglang.srt.distributed.parallel_state")
        settings = self.settings()
        world = settings.tp_size * getattr(settings, "pp_size", 1)
        call(
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
            "tensor_model_parallel_size": settings.tp_size,
            "pipeline_model_parallel_size": getattr(settings, "pp_size", 1),
            "expert_model_parallel_size": settings.ep_size,
            "attention_data_parallel_size": getattr(settings, "dp_size", 1)
            if getattr(settings, "enable_dp_attention", False)
            else 1,
            "attention_context_model_parallel_size": getattr(settings, "attn_cp_size", 1),
            "moe_data_model_parallel_size": getattr(settings, "moe_dp_size", 1),
        }
        call(groups.initialize_model_parallel, **sizes)
        mark_groups(groups, settings)
        dp = module_of("sglang.srt.layers.dp_attention")
        if dp is not None:
            call(
                dp.initialize_dp_attention,
                server_args=args,
                model_config=self.model_config,
                tp_rank=0,
            )

    def configure_layers(self):
        gathered = find("sglang.srt.layers.dp_attention:init_dp_gathered_buffer")
        if gathered is not None:
            call(gathered, server_args=self.server_args, model_config=self.model_config)
        sequence = find("sglang.srt.layers.layernorm_sp:initialize_layernorm_sp")
        if sequence is not None:
            call(sequence, server_args=self.server_args, model_config=self.model_config)
        for place in (
            "sglang.srt.layers.moe.utils:initialize_moe_config",
            "sglang.srt.layers.quantization.fp8_utils:initialize_fp8_gemm_config",
            "sglang.srt.layers.quantization.fp4_utils:initialize_fp4_gemm_config",
            "sglang.srt.layers.quantization.unquant:initialize_bf16_gemm_config",
        ):
            initialize = find(place)
            if initialize is not None:
                call(initialize, server_args=self.server_args)
        gate = find(
            "sglang.srt.model_executor.model_runner_components.misc_utils:maybe_disable_chunked_prefix_cache"
        )
        if gate is not None:
            mla = find("sglang.srt.configs.model_config:AttentionArch").MLA
            call(
                gate,
                server_args=self.server_args,
                use_mla_backend=self.model_config.attention_arch == mla,
                is_draft_worker=self.is_draft,
            )

    def expert_location(self):
        wanted = find("sglang.srt.eplb.expert_location:ModelConfigForExpertLocation")
        if wanted is not None:
            wanted.from_model_config(self.model_config)

    def quantization(self):
        loader = module_of("sglang.srt.model_loader.loader")
        LoadConfig = need("sglang.srt.configs.load_config:LoadConfig")
        self.load_config = LoadConfig(load_format="dummy")
        architecture = need(
            "sglang.srt.model_loader.utils:get_model_architecture",
            "sglang.srt.model_loader:get_model_architecture",
        )
        self.model_class, self.architecture = architecture(self.model_config)
        make = loader._get_quantization_config
        if "packed_modules_mapping" in parameters_of(make):
            packed = getattr(self.model_class, "packed_modules_mapping", {})
            remap = getattr(self.model_class, "remap_prefix", None)
            self.quant_config = call(
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

        if module_of("vllm") is not None:
            # Releases whose layers partly are vLLM's let these see the engine's own groups and classes, at the top
            # level of their quantization or in their model runner.
            run_all("sglang.srt.layers.quantization")
            for place in (
                "sglang.srt.distributed.parallel_state:monkey_patch_vllm_parallel_state",
                "sglang.srt.layers.quantization:monkey_patch_isinstance_for_vllm_base_layer",
            ):
                patch = find(place)
                if patch is not None:
                    patch()
        loader = module_of("sglang.srt.model_loader.loader")
        with loader.set_default_torch_dtype(self.model_config.dtype):
            with torch.device(device):
                self.model = call(
                    loader._initialize_model,
                    model_config=self.model_config,
                    load_config=self.load_config,
                    quant_config=self.quant_config,
                )

    def kv_cache(self):
        """What the argument "auto" means is decided by the quantization of the built model."""
        choose = find("sglang.srt.mem_cache.kv_cache_dtype:configure_kv_cache_dtype")
        if choose is None or self.settings().kv_cache_dtype != "auto":
            return
        chosen, _ = call(
            choose,
            server_args_kv_cache_dtype="auto",
            model=self.model,
            model_dtype=self.model_config.dtype,
            is_draft_worker=False,
            is_dflash=False,
            speculative_draft_attention_backend=None,
        )
        self.kv_cache_dtype = chosen or "auto"


STAGES = {
    "parse_server_args": "server_arguments",
    "configure_model": "model_config",
    "become_draft": "draft_config",
    "make_groups": "process_groups",
    "configure_layers": "layer_runtime",
    "quantization": "quant_config",
}


def check_arguments(request):
    """Whether the engine's parser takes a deployment's server arguments: see README.md."""

    def parse(asked):
        given = dict(asked.get("engine_args") or {})
        take_draft(given)
        parse_server_arguments({**asked, "engine_args": given})

    return answer(parse, request)


def build(request):
    """See README.md for the form of request and result."""
    work = Build(request)
    error = None
    try:
        work.run()
        work.build_model()
    except Exception as raised:
        if work.stage == "platform" or isinstance(raised, NotInRelease):
            raise
        error = raised
    arguments = resolved(work)
    told = {
        "asked": work.asked,
        "resolved": arguments,
        "argument_help": argument_help(work.command_line, arguments),
        "changed": changed(work),
        "log": work.log.rows() if work.log else [],
        "broken": broken_files(work, error),
        "remarks": remarks(work),
    }
    if error is not None:
        return {**failure(work, error, is_own_limit(error)), **told}
    return {**success(work, work.quant_config), **told}


def calls(request):
    """What steps of the model's forward launch: README.md has the form."""
    import os

    os.environ["HOME"] = "/tmp"  # where caches of compiled kernels may be made
    os.environ["SGLANG_CUTE_AOT_CACHE_DIR"] = ""  # those of CuTe kernels are the process's own
    os.environ.update(request.get("environment") or {})
    work, forward, steps = Build(request), None, request["steps"]
    try:
        work.run()
        if steps[0]["mode"].startswith("spec-"):
            from driver_speculative import Speculation as Forward
        else:
            from driver_calls import Forward
        forward = Forward(work, request)
        with forward:
            rows = [_step(work, forward, step) for step in steps]
            if not request.get("with_model"):
                return {"steps": rows}
            return {"steps": rows, "model": success(work, getattr(work, "quant_config", None))}
    except Exception as error:
        return {"steps": [_ended(work, forward, error)] * len(steps)}


def program(request):
    """What the function step() of a user's file launches: README.md has the form."""
    from driver_program import run

    return run(request)


def _step(work, forward, step):
    """The rows of one step, or why there are none: that is no reason for the next to have none."""
    try:
        return {"status": "ok", **forward.take(step)}
    except Exception as error:
        return _ended(work, forward, error)


def _ended(work, forward, error):
    if work.stage == "platform" or isinstance(error, NotInRelease):
        raise error
    own = is_own_limit(error)
    if not own and not isinstance(error, NoSuchStep):
        own = work.stage in FORWARD_STAGES
    return {
        "status": "failed" if own else "refused",
        "stage": work.stage,
        "error_type": type(error).__name__,
        "error": str(error),
        "exception": error,
        "unknown": [] if forward is None else list(forward.recorder.unknown.values()),
    }


# Where an exception says that kdex does not follow the engine, as the engine itself runs here.
FORWARD_STAGES = (
    "model_runner",
    "draft_runner",
    "memory_pool",
    "attention_backends",
    "prefill_graph",
    "forward",
)
