# Runs one step of a model's forward as SGLang's own model runner would, and keeps what it launches.
# What SGLang decides (backends, fusions, paths) is never restated here.
import os
from contextlib import nullcontext

import _kdex

from driver_elementwise import Elementwise
from driver_kernels import Border
from driver_record import Recorder
from driver_common.release import NoSuchStep, call, find, module_of, need
from driver_requests import gathered_ranks
from driver_schedule import admit_prompts, replays_graph
from driver_tensors import empty, on_device


# What tells one attention of a model from another, beside the shapes of its operands.
ATTENTION = (
    "tp_q_head_num",
    "tp_k_head_num",
    "qk_head_dim",
    "v_head_dim",
    "scaling",
    "logit_cap",
    "sliding_window_size",
    "is_cross_attention",
    "attn_type",
)


DECODE = ("decode", "decode-eager")


class Forward:
    """The model runner of a deployment that Build has brought up to its process groups."""

    def __init__(self, build, request):
        self.build = build
        self.step = request["steps"][0]
        self.recorder = Recorder()
        self.border = Border(self.recorder, request.get("kernels") or {})
        self.recorder.operator = self.operator
        self.runner = None
        self.modes_seen = set()

    # ---------------------------------------------------------------- the border
    def operator(self, namespace, name, args, kwargs):
        """torch.ops.NAMESPACE.NAME that Python has not registered."""
        full = f"{namespace}.{name}"
        if namespace in self.border.rules:
            result = self.border.call(namespace, name, full, args, kwargs)
            if result is not NotImplemented:
                return result
        else:
            self.recorder.no_rule("torch.ops." + full)
        return _kdex.unknown("torch.ops." + full)

    def open_border(self):
        import inspect

        from torch import _launches

        _launches.listener = self.recorder
        _kdex.border(self.border, self.border.members)
        inspect.unknown_parameters = self.border.parameters
        self.replace_compiler()
        self.replace_collectives()
        self.watch_attention()

    def close_border(self):
        from torch import _launches

        _launches.listener = None
        _kdex.border(None)

    def replace_compiler(self):
        """What load_jit compiles: a module whose functions launch."""
        from driver_edge import KERNEL_LOADERS

        def load_jit(*args, **kwargs):
            return Compiled(self.border, "sglang.jit." + str(args[0] if args else "?"))

        for name in KERNEL_LOADERS:
            module = module_of(name)
            if module is not None and hasattr(module, "load_jit"):
                module.load_jit = load_jit
        triton = module_of("sglang.kernels.ops.moe.fused_moe_triton_kernels")
        if hasattr(triton, "_B_DESC_CACHE_MAX"):  # what one layer keeps there is no other's
            triton._B_DESC_CACHE_MAX = 0
        warm_up = module_of("sglang.srt.layers.deep_gemm_wrapper.compile_utils")
        if hasattr(warm_up, "_compile_deep_gemm_one_type_all"):
            # It launches each product at every number of tokens, so that all are compiled.
            warm_up._compile_deep_gemm_one_type_all = lambda *args, **kwargs: None
        sources = module_of("sglang.kernels.jit")
        if sources is not None:  # what would be compiled is looked for, and not read
            folder = "/" + sources.__file__.rpartition("/")[0].lstrip("/")
            for name in ("include", "csrc"):
                os.makedirs(folder + "/" + name, exist_ok=True)

    def replace_collectives(self):
        """Each gives a tensor of the right shape; which implementation runs is not decided."""
        import torch.distributed._symmetric_memory as symmetric

        def rendezvous(*args, **kwargs):
            raise RuntimeError("there are no peers")

        symmetric.rendezvous = rendezvous
        for place in (
            "layers.flashinfer_comm_fusion",
            "distributed.device_communicators.custom_all_reduce_utils",
        ):
            module = module_of("sglang.srt." + place)
            if module is not None and hasattr(module, "is_one_nvlink_clique"):
                module.is_one_nvlink_clique = lambda *args, **kwargs: True  # one node
        groups = module_of("sglang.srt.distributed.parallel_state").GroupCoordinator
        launch = self.recorder.launch

        def note(*call):
            launch(*call, role="collective")

        def all_reduce(self, input_, *args, **kwargs):
            if self.world_size > 1:
                note("collective", "GroupCoordinator.all_reduce", (input_,), None)
            return input_

        real_gather = groups.all_gather

        def all_gather(self, input_, dim=-1, output_tensor_list=None, **kwargs):
            if self.world_size == 1 or output_tensor_list is not None:
                return real_gather(self, input_, dim, output_tensor_list, **kwargs)
            sizes = list(input_.shape)
            sizes[dim] = sizes[dim] * self.world_size
            out = empty(sizes, input_.dtype)
            note("collective", "GroupCoordinator.all_gather", (input_,), out)
            return out

        def all_gather_into_tensor(self, output, input, *args, **kwargs):
            note("collective", "GroupCoordinator.all_gather_into_tensor", (input,), output)

        def reduce_scatter_tensor(self, output, input, *args, **kwargs):
            note("collective", "GroupCoordinator.reduce_scatter_tensor", (input,), output)
            return output

        def reduce_scatter_along_dim(self, input_, dim=-1, **kwargs):
            if self.world_size == 1:
                return input_
            sizes = list(input_.shape)
            sizes[dim] = sizes[dim] // self.world_size
            out = empty(sizes, input_.dtype)
            note("collective", "GroupCoordinator.reduce_scatter_along_dim", (input_,), out)
            return out

        def all_gatherv(self, input_, sizes=None, **kwargs):
            if self.world_size == 1:
                return input_
            many = isinstance(input_, (list, tuple))
            out = []
            for x in input_ if many else [input_]:
                n = sum(sizes) if sizes is not None else x.shape[0] * self.world_size
                made = empty((n, *x.shape[1:]), x.dtype)
                note("collective", "GroupCoordinator.all_gatherv", (x,), made)
                out.append(made)
            return out if many else out[0]

        def reduce_scatterv(self, input_, output=None, sizes=None, **kwargs):
            if self.world_size == 1:
                return input_
            if output is None:
                n = (
                    sizes[self.rank_in_group]
                    if sizes is not None
                    else input_.shape[0] // self.world_size
                )
                output = empty((n, *input_.shape[1:]), input_.dtype)
            note("collective", "GroupCoordinator.reduce_scatterv", (input_,), output)
            return output

        def broadcast(self, input_, src=0, *args, **kwargs):
            if self.world_size > 1:
                note("collective", "GroupCoordinator.broadcast", (input_,), None)
            return input_

        for f in (
            all_reduce,
            all_gather,
            all_gather_into_tensor,
            reduce_scatter_tensor,
            reduce_scatter_along_dim,
            all_gatherv,
            reduce_scatterv,
            broadcast,
        ):
            if hasattr(groups, f.__name__):
                setattr(groups, f.__name__, f)

    def watch_attention(self):
        """A row of its own for the attention of a layer, before what its backend launches."""
        layer = find("sglang.srt.layers.radix_attention:RadixAttention")
        if layer is None:
            return
        real, note = layer.forward, self.recorder.launch

        def forward(self, q, k, v, *args, **kwargs):
            tensors = [x for x in kwargs.values() if hasattr(x, "shape")]
            kind = [str(getattr(self, name, None)) for name in ATTENTION]
            note("attention", "RadixAttention.forward", (q, k, v, tensors, kind), None)
            return real(self, q, k, v, *args, **kwargs)

        layer.forward = forward

    # ---------------------------------------------------------------- the model
    def prepare_scheduler(self):
        """What the scheduler sets before it makes its workers: its class, and a stand-in for one."""
        build = self.build
        build.stage = "moe_gemm_config"
        Scheduler = need("sglang.srt.managers.scheduler:Scheduler")

        class Holder:
            model_config = build.model_config
            server_args = build.server_args

        holder = Holder()
        for name in ("init_moe_gemm_config", "init_mamba_backend"):
            if hasattr(Scheduler, name):
                getattr(Scheduler, name)(holder)
        return Scheduler, holder

    def make_runner(self):
        """ModelRunner loads the model, makes the pools and the attention backends."""
        import torch

        build = self.build
        self.prepare_scheduler()
        build.stage = "model_runner"
        self.replace_loading()
        ModelRunner = need("sglang.srt.model_executor.model_runner:ModelRunner")
        schedule = find("sglang.srt.runtime_context:get_schedule")
        settings = schedule() if schedule is not None else build.settings()
        with torch.no_grad():
            self.runner = call(
                ModelRunner,
                model_config=build.model_config,
                mem_fraction_static=settings.mem_fraction_static,
                gpu_id=0,
                nccl_port=1,
                server_args=build.server_args,
                tp_rank=0,
                pp_rank=0,
                moe_ep_rank=0,
                moe_ep_size=build.server_args.ep_size,
                tp_size=build.server_args.tp_size,
                pp_size=1,
            )
            build.model = self.runner.model
            build.stage = "memory_pool"
            if hasattr(self.runner, "alloc_memory_pool"):
                self.runner.alloc_memory_pool()
            build.stage = "attention_backends"
            if hasattr(self.runner, "init_attention_backends"):
                self.runner.init_attention_backends()

    def replace_loading(self):
        """No weights are read; memory and barriers answer at once."""
        loader = module_of("sglang.srt.model_loader.loader")
        loader.initialize_dummy_weights = forget_values
        real = loader._initialize_model

        def initialize(*args, **kwargs):
            before, self.build.stage = self.build.stage, "constructor"
            model = real(*args, **kwargs)
            self.build.stage = before
            return model

        loader._initialize_model = initialize
        bootstrap = module_of("sglang.srt.distributed.bootstrap")
        if hasattr(bootstrap, "measure_pre_model_load_memory"):
            bootstrap.measure_pre_model_load_memory = lambda *, device, is_draft_worker: 135.0
        runner = module_of("sglang.srt.model_executor.model_runner")
        if hasattr(runner, "dist_barrier_after_load"):
            runner.dist_barrier_after_load = lambda **kwargs: None

    # ---------------------------------------------------------------- a step
    def make_batch(self):
        """A ForwardBatch as the scheduler hands it to the model runner."""
        import torch

        info = module_of("sglang.srt.model_executor.forward_batch_info")
        step, runner, config = self.step, self.runner, self.build.model_config
        decode = step["mode"] in DECODE
        if decode:
            size = tokens = step["batch"]
            lengths, prefixes = [step["length"]] * size, [0] * size
            mode = info.ForwardMode.DECODE
        else:
            new = list(step["extend_lens"])
            prefixes = list(step["prefix_lens"])
            starts, mode = list(new), info.ForwardMode.EXTEND
            if step["mode"] == "mixed":  # requests that decode are prompts of one token at the end
                mode = info.ForwardMode.MIXED
                new += [1] * step["batch"]
                prefixes += [step["length"] - 1] * step["batch"]
                starts += [0] * step["batch"]
            size = _kdex.size("batch_size", len(new), 1)
            tokens = _kdex.size("num_tokens", sum(new), 1)
            lengths = [a + b for a, b in zip(new, prefixes)]

        algorithm = find("sglang.srt.speculative.spec_info:SpeculativeAlgorithm")
        given = dict(
            forward_mode=mode,
            batch_size=size,
            input_ids=on_device(tokens),
            req_pool_indices=on_device(size),
            seq_lens=on_device(size),
            out_cache_loc=on_device(tokens),
            seq_lens_sum=sum(lengths),
            seq_lens_cpu=torch.tensor(lengths, dtype=torch.int64, device="cpu"),
            orig_seq_lens=on_device(size, dtype=torch.int32),
            positions=on_device(tokens),
            capture_hidden_mode=info.CaptureHiddenMode.NULL,
            spec_algorithm=algorithm.from_string(None),
            return_logprob=False,
            global_num_token_non_padded_cpu=tokens,
            global_forward_mode=mode,
            top_logprobs_nums=[0] * size,
            token_ids_logprobs=[None] * size,
            req_pool_indices_cpu=torch.arange(size, dtype=torch.int64, device="cpu"),
        )
        if not decode:
            admit_prompts(self, new, prefixes)
            given.update(
                is_extend_in_batch=True,
                extend_num_tokens=tokens,
                extend_seq_lens=on_device(size, dtype=torch.int32),
                extend_prefix_lens=on_device(size, dtype=torch.int32),
                extend_start_loc=on_device(size, dtype=torch.int32),
                extend_prefix_lens_cpu=prefixes,
                extend_seq_lens_cpu=new,
                extend_logprob_start_lens_cpu=starts,
            )
        if getattr(config, "model_is_mrope", False):
            given["mrope_positions"] = on_device(3, tokens)
        if config.is_multimodal:
            given["mm_inputs"] = [None] * size
        batch = call(info.ForwardBatch, **given)
        translator = getattr(runner, "kv_index_translator", None)
        if translator is not None:
            translator.own_plan(batch).bind(batch, translator, cols=None)
        if hasattr(batch, "_init_num_token_non_padded"):
            batch._init_num_token_non_padded(device="cuda", is_draft_worker=False)
        self.coordinate(batch, decode)
        return batch

    def coordinate(self, batch, decode):
        """What the scheduler gathers from data-parallel ranks, all of them loaded alike."""
        ranks = gathered_ranks()
        if ranks == 0:
            return
        tokens = batch.input_ids.shape[0]

        class Gathered:
            global_num_tokens = [tokens] * ranks
            global_num_tokens_for_logprob = [batch.batch_size] * ranks
            draft_global_num_tokens = None
            draft_global_num_tokens_for_logprob = None
            dp_spec_prefill_coordination_applied = False
            can_run_decode_cuda_graph = decode
            can_run_dp_draft_cuda_graph = False

        if self.step["mode"] == "extend-graph":
            batch.can_run_dp_prefill_cuda_graph = True
        batch.init_mlp_sync_metadata(Gathered(), "cuda", is_draft_worker=False)

    def run(self, record):
        """ModelRunner's way through one batch."""
        import contextlib

        import torch

        context = module_of("sglang.srt.model_executor.forward_context")
        capture = need("sglang.srt.model_executor.runner_utils.capture_mode:model_capture_mode")
        get_model = need("sglang.srt.runtime_context:get_model")
        batch, runner = self.make_batch(), self.runner
        model, graph = runner.model, self.step["mode"] == "extend-graph"
        with contextlib.ExitStack() as stack:
            enter = stack.enter_context
            enter(get_model().override(shared_experts=model.shared_experts_config))
            enter(
                context.forward_context(
                    context.ForwardContext(attn_backend=runner.attn_backend), forward_batch=batch
                )
            )
            enter(torch.no_grad())
            if self.step["mode"] == "decode" and replays_graph(runner, batch):
                enter(capture())
            prepare = getattr(model, "prepare_for_forward", None)
            if prepare is not None:
                prepare(batch)
            runner._prepare_eager_forward_batch(batch)
            runner._maybe_execute_deferred_mamba_cow_and_clear(batch)
            if hasattr(model, "prepare_forward_batch"):
                model.prepare_forward_batch(batch)
            if graph:
                self.enter_prefill_graph(batch, stack)
            with contextlib.ExitStack() as planning:
                if graph:
                    enable = need(
                        "sglang.srt.model_executor.runner_backend_utils.breakable_cuda_graph:enable_breakable_cuda_graph"
                    )
                    planning.enter_context(enable())
                runner.attn_backend.init_forward_metadata(batch)
            enter(context.forward_context(context.get_forward_context(), forward_batch=batch))
            extra = (
                runner._pp_kwargs(None)
                if batch.forward_mode.is_decode()
                else runner._extend_forward_kwargs(batch, None)
            )
            self.recorder.on = record
            try:
                return model.forward(batch.input_ids, batch.positions, batch, **extra)
            finally:
                self.recorder.on = False

    def enter_prefill_graph(self, batch, stack):
        """The contexts under which SGLang captures a prefill graph and replays it."""
        import contextlib

        base = "sglang.srt.model_executor."
        enable = need(
            base + "runner_backend_utils.breakable_cuda_graph:enable_breakable_cuda_graph"
        )
        pieces = module_of(base + "runner_backend_utils.tc_piecewise_cuda_graph.context_manager")
        set_batch = need(base + "runner_utils.forward_batch:set_forward_batch")
        scope = need(base + "runner_utils.prefill_graph:prefill_graph_scope")
        language = need("sglang.srt.model_loader.utils:resolve_language_model")(self.runner.model)
        while not hasattr(language, "layers") and hasattr(language, "model"):
            language = language.model
        real, tokens, runner = language.forward, batch.input_ids.shape[0], self.runner

        def forward(*args, **kwargs):
            with contextlib.ExitStack() as inside:
                inside.enter_context(enable())
                inside.enter_context(set_batch(batch))
                inside.enter_context(scope(full_graph=False, raw_num_tokens=tokens))
                inside.enter_context(
                    pieces.set_tc_piecewise_forward_context(
                        batch,
                        runner.attention_layers,
                        getattr(runner.model, "quant_config", None),
                        runner.moe_layers,
                        runner.moe_fusions,
                        dsa_indexers=runner.dsa_indexers,
                        mha_companion_layers=runner.mha_companion_layers,
                        num_tokens=tokens,
                        raw_num_tokens=tokens,
                        full_graph=False,
                    )
                )
                return real(*args, **kwargs)

        language.forward = forward
        stack.callback(lambda: language.__dict__.pop("forward", None))

    def captures_prefill(self):
        """SGLang's own decision whether this model's prefill replays a graph, with what it says."""
        setup = module_of("sglang.srt.model_executor.model_runner_components.cuda_graph_setup")

        class Runner:
            def __init__(self, model_runner):
                pass

        real, setup.PrefillCudaGraphRunner = setup.PrefillCudaGraphRunner, Runner
        try:
            made = setup.capture_prefill_graph(model_runner=self.runner, eager_runner=None)
        finally:
            setup.PrefillCudaGraphRunner = real
        return isinstance(getattr(made, "runner", made), Runner)

    def check_step(self):
        """Whether the engine runs such a step at all."""
        if self.step["mode"] in DECODE:
            return
        self.build.stage = "prefill_graph"
        wanted = self.step["mode"] == "extend-graph"
        try:
            captured = self.captures_prefill()
        except Exception:
            if wanted:
                raise
            return  # a server without prefill graphs runs such a step all the same
        if wanted and not captured:
            raise NoSuchStep("the engine captures no prefill graph for this deployment")

    def learn(self):
        """The names that rows are told by."""
        runner = self.runner
        pools = [
            ("kv_pool", runner.token_to_kv_pool),
            ("req_to_token_pool", runner.req_to_token_pool),
        ]
        self.recorder.learn(runner.model, pools)

    def __enter__(self):
        """Makes the runner, with the border open."""
        self.open_border()
        try:
            self.make_runner()
            self.learn()
        except Exception:
            self.close_border()
            raise
        return self

    def __exit__(self, *raised):
        self.close_border()

    def take(self, step):
        """The rows of one step."""
        self.step = with_sizes(step)
        self.check_step()
        self.build.stage = "forward"
        self.recorder.clear()
        try:
            if step["mode"] not in self.modes_seen:
                self.modes_seen.add(step["mode"])
                _kdex.watch_sizes(False)
                self.run(False)  # what a model does in its first forward alone is not a step's
            _kdex.watch_sizes(True)
            with Elementwise(self.recorder) if step.get("elementwise") else nullcontext():
                self.run(True)
        finally:
            _kdex.watch_sizes(None)
            regimes = _kdex.take_regimes()
        return {**self.recorder.result(), "regimes": regimes}


def with_sizes(step):
    """The step with its numbers named as sizes, on which branches are noted."""
    out = dict(step)
    out["batch"] = _kdex.size("batch_size", step["batch"], 1)
    out["length"] = _kdex.size("seq_len", step["length"], 1)
    new = step["extend_lens"]
    prefixes = list(step["prefix_lens"]) or [0] * len(new)
    for key, name, lengths, least in (
        ("extend_lens", "extend_len", new, 1),
        ("prefix_lens", "prefix_len", prefixes, 0),
    ):
        out[key] = [_kdex.size(f"{name}.{i}", n, least) for i, n in enumerate(lengths)]
    return out


def forget_values(model):
    """What a checkpoint would fill is not known; scales of one number keep what the layer set."""
    for parameter in model.parameters():
        if parameter.numel() > 1 and parameter._memory is not None:
            parameter._memory.forget()


class Compiled:
    """A module of kernels that a compiler of the engine's made: a function of it launches."""

    def __init__(self, border, name):
        self.__dict__["_border"] = border
        self.__dict__["_name"] = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._border.compiled(self._name, name, args, kwargs)

    __getitem__ = __getattr__
