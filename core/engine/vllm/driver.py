# Builds a model by calling vLLM's own code, as rank 0 of a deployment whose devices, sockets and
# processes are not there. Runs inside the abstract machine; what it replaces is named in README.md.
# What vLLM decides (backends, sizes, classes) is never restated here.
from driver_arguments import command_line, parse_engine_arguments
from driver_common.command_line import answer
from driver_common.limits import is_own_limit
from driver_common.log import Log
from driver_common.release import NotInRelease, call, find, need
from driver_edge import prepare, without_communicators
from driver_settings import mark_configuration, mark_groups
from driver_common.told import argument_help, failure, success
from driver_told import changed, remarks, resolved, untraced

SHARED = {}  # what share() has made


def share(request):
    """Runs what every build on a platform runs first: the platform, plugins, the log, the parser.

    kdex keeps the state that this leaves as an image, and builds begin with it. So it must not ask
    for anything of a checkpoint or of a deployment.
    """
    prepare(request.get("platform") or "h200")
    log = Log()
    log.listen()
    SHARED.update(log=log)
    try:
        command_line()
    except Exception:
        pass  # it fails again where it is needed, which tells the stage


class Build:
    def __init__(self, request):
        self.request = request
        self.stage = "platform"
        self.args = self.config = self.model_config = None
        self.model = self.model_class = self.architecture = None
        self.asked = {}
        self.command_line = None
        self.log = None

    def run(self):
        if not SHARED:
            share(self.request)
        self.log = SHARED["log"]
        for step in (
            self.engine_args,
            self.engine_config,
            self.parallel_groups,
            self.workspace,
            self.find_class,
            self.constructor,
        ):
            self.stage = STAGES.get(step.__name__, step.__name__)
            step()

    def engine_args(self):
        self.args, self.asked, self.command_line = parse_engine_arguments(self.request)

    def engine_config(self):
        """What `vllm serve` makes of its arguments, with all of its checks."""
        usage = need("vllm.usage.usage_lib:UsageContext")
        self.config = self.args.create_engine_config(usage_context=usage.OPENAI_API_SERVER)
        self.model_config = self.config.model_config
        mark_configuration(self.config)

    def current(self):
        return need("vllm.config:set_current_vllm_config")(self.config)

    def parallel_groups(self):
        without_communicators()
        init = need("vllm.v1.worker.gpu_worker:init_worker_distributed_environment")
        with self.current():
            call(
                init,
                vllm_config=self.config,
                rank=0,
                distributed_init_method="tcp://127.0.0.1:1",
                local_rank=0,
                backend="nccl",
            )
        mark_groups(self.config.parallel_config)

    def workspace(self):
        """What the worker makes before its model runner, where the release has it."""
        init = find("vllm.v1.worker.workspace:init_workspace_manager")
        if init is None:
            return
        import torch

        lanes = find("vllm.v1.worker.gpu_worker:_num_workspace_lanes")
        micro_batches = 2 if self.config.parallel_config.enable_dbo else 1
        with self.current():
            more = ()
            if lanes is not None:
                more = (lanes(self.config, self.config.use_v2_model_runner),)
            init(torch.device("cuda:0"), micro_batches, *more)

    def find_class(self):
        architecture = need("vllm.model_executor.model_loader.utils:get_model_architecture")
        self.model_class, self.architecture = architecture(self.model_config)

    def constructor(self):
        import torch

        dtype = need(
            "vllm.utils.torch_utils:set_default_torch_dtype",
            "vllm.model_executor.model_loader.utils:set_default_torch_dtype",
        )
        make = need("vllm.model_executor.model_loader.utils:initialize_model")
        with self.current(), dtype(self.model_config.dtype), torch.device("cuda"):
            self.model = make(vllm_config=self.config, model_config=self.model_config)


STAGES = {"find_class": "architecture"}


def check_arguments(request):
    """Whether the engine's parser takes a deployment's engine arguments: see README.md."""
    return answer(parse_engine_arguments, request)


def build(request):
    """See ../sglang/README.md for the form of request and result; README.md has the stages."""
    work = Build(request)
    error = None
    try:
        work.run()
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
        "broken": [],
        "remarks": remarks(work),
    }
    if error is not None:
        # where a trace was wanted, the words may only say that there is none
        return {**failure(work, error, is_own_limit(error) or untraced()), **told}
    return {**success(work, work.config.quant_config), **told}
