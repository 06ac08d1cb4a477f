# Runs one phase of speculative decoding as SGLang's own workers do, and keeps what it launches. The
# target, the draft and the order of phases are the engine's; driver_requests.py has the batch.
import contextlib
import os

from driver_calls import Forward
from driver_common.release import NoSuchStep, module_of, need
from driver_draft import draft_config
from driver_requests import schedule_batch
from driver_tensors import on_device

# The modes, each with the phases that run before it: a phase takes what the one before it left.
PHASES = {
    "spec-draft": ("spec-draft",),
    "spec-verify": ("spec-draft", "spec-verify"),
    "spec-draft-extend": ("spec-draft", "spec-verify", "spec-draft-extend"),
    "spec-prefill": ("spec-prefill",),
    "spec-prefill-draft": ("spec-prefill", "spec-prefill-draft"),
}


class Speculation(Forward):
    """The target's and the draft's workers of a deployment."""

    def make_runner(self):
        import torch

        build = self.build
        # What a step reads lies in the buffers that its graph was captured with.
        os.environ["SGLANG_EAGER_INPUT_NO_COPY"] = "1"
        Scheduler, holder = self.prepare_scheduler()
        self.replace_loading()
        workers = module_of("sglang.srt.managers.tp_worker")
        workers.broadcast_pyobj = lambda data, *args, **kwargs: data
        with torch.no_grad():
            self.make_workers(workers.TpModelWorker)
            build.stage = "memory_pool"
            self.make_pools(Scheduler, holder)
            build.stage = "attention_backends"
            self.target.init_attention_backends()
            self.worker.init_attention_backends()
            self.make_eager()
        self.runner = self.target.model_runner
        build.model = self.runner.model

    def make_workers(self, TpModelWorker):
        build = self.build
        settings = need("sglang.srt.runtime_context:get_spec")()
        algorithm = need("sglang.srt.speculative.spec_info:SpeculativeAlgorithm")
        self.algorithm = algorithm.from_string(settings.speculative_algorithm)
        if self.algorithm.is_none():
            raise NoSuchStep("the engine speculates only with the argument speculative_algorithm")
        build.stage = "model_runner"
        self.target = TpModelWorker(server_args=build.server_args, gpu_id=0, nccl_port=1)
        build.model = self.target.model_runner.model
        if settings.speculative_draft_model_path is not None:
            build.stage = "draft_config"  # what the engine says against it is a refusal
            draft_config(build)
        build.stage = "draft_runner"
        worker = self.algorithm.create_worker(build.server_args)
        self.worker = worker(
            server_args=build.server_args, gpu_id=0, nccl_port=1, target_worker=self.target
        )
        self.draft = self.worker.draft_worker
        if not hasattr(self.draft, "draft_runner"):
            raise NoSuchStep(f"kdex runs no drafts of {worker.__name__}")
        self.load_token_map()

    def load_token_map(self):
        """A draft of fewer words than its target has their numbers in its checkpoint."""
        import torch

        runner = self.draft.draft_runner
        own = getattr(runner.model_config.hf_config, "draft_vocab_size", None)
        if own is None or own == self.target.model_config.vocab_size:
            return
        if hasattr(runner.model, "hot_token_id"):
            words = torch.zeros(own, dtype=torch.int64, device="cpu")
            runner.model.load_weights([("d2t", words)])

    def make_pools(self, Scheduler, holder):
        holder.tp_worker, holder.draft_worker = self.target, self.worker
        Scheduler.init_target_memory_pool(holder)
        pool, allocator = self.target.get_memory_pool()
        self.worker.alloc_memory_pool(
            memory_pool_config=self.target.model_runner.memory_pool_config,
            req_to_token_pool=pool,
            token_to_kv_pool_allocator=allocator,
        )

    def make_eager(self):
        """Runners without graphs, which launch what a graph would hold."""
        runners = [self.target.model_runner, *self.draft.draft_runners]
        EagerRunner = need("sglang.srt.model_executor.runner.eager_runner:EagerRunner")
        for runner in runners:
            runner.graph_shared_output = None
            runner.eager_runner = EagerRunner(runner, run_warmup=False)
            runner.prefill_cuda_graph_runner = runner.eager_runner
            runner.decode_cuda_graph_runner = None
        self.captured = self.captures_draft()

    def captures_draft(self):
        """The phases of the draft that the engine captures as graphs, by its own decision."""
        owner = [c for c in type(self.draft).__mro__ if "_capture_cuda_graphs" in vars(c)][0]
        module = module_of(owner.__module__)
        made, kept = [], {}

        def note(phase):
            class Runner:
                def __init__(self, worker):
                    made.append(phase)

            return Runner

        for name, phase in (
            ("EAGLEDraftCudaGraphRunner", "spec-draft"),
            ("EAGLEDraftExtendCudaGraphRunner", "spec-draft-extend"),
        ):
            kept[name] = getattr(module, name)
            setattr(module, name, note(phase))
        try:
            self.draft._capture_cuda_graphs()
        finally:
            for name, real in kept.items():
                setattr(module, name, real)
            self.draft.cuda_graph_runner = self.draft.cuda_graph_runner_for_draft_extend = None
        return made

    # ---------------------------------------------------------------- a phase
    def draft_contexts(self):
        """The contexts in which the engine's worker runs its draft."""
        stack = contextlib.ExitStack()
        utils = module_of("sglang.srt.speculative.spec_utils")
        moe = module_of("sglang.srt.layers.moe.utils")
        stack.enter_context(utils.draft_tp_context(self.draft.parallel_layout))
        stack.enter_context(moe.speculative_moe_backend_context())
        stack.enter_context(moe.speculative_moe_a2a_backend_context())
        return stack

    def draft_input(self, batch):
        """What the draft of the step before has left for this one."""
        import torch

        info = module_of("sglang.srt.speculative.eagle_info")
        utils = module_of("sglang.srt.speculative.eagle_utils")
        hidden, dtype = utils.get_draft_recurrent_hidden_state_spec(self.draft.draft_runner)
        size, topk = batch.seq_lens.shape[0], self.draft.topk

        given = info.EagleDraftInput(
            topk_p=on_device(size, topk, dtype=torch.float32),
            topk_index=on_device(size, topk, dtype=torch.int64),
            hidden_states=None if hidden is None else on_device(size, hidden, dtype=dtype),
            bonus_tokens=on_device(size, dtype=torch.int64),
            num_tokens_per_req=1,
            num_tokens_for_logprob_per_req=1,
        )
        if getattr(self.draft, "seed_dsa_topk_from_draft_extend", False):
            width = self.draft.dsa_seed_topk_width
            given.dsa_topk_indices = on_device(size, width, dtype=torch.int32)
        spec = need("sglang.srt.runtime_context:get_spec")()
        if self.step["sampled"] and spec.speculative_use_rejection_sampling:
            words = self.target.model_config.vocab_size
            given.draft_probs = on_device(size, words, dtype=torch.float32)
        return given

    def phase(self, name, state):
        """Runs one phase; `state` holds what the phases before it have left."""
        draft, batch = self.draft, state["batch"]
        if name == "spec-draft":
            batch.spec_info = self.draft_input(batch)
            with self.draft_contexts():
                state["verify"] = draft.draft(batch)
        elif name == "spec-verify":
            batch.spec_info = state["verify"]
            state["result"] = self.worker.verify(batch)
        elif name == "spec-draft-extend":
            plan = state["verify"].kv_loc_plan
            with self.draft_contexts():
                draft._draft_extend_for_decode(batch, state["result"], kv_loc_plan=plan)
        elif name == "spec-prefill":
            hidden = need("sglang.srt.model_executor.forward_batch_info:CaptureHiddenMode")
            state["result"] = self.target.forward_batch_generation(
                batch, capture_hidden_mode=hidden.FULL, return_kv_loc_plan=True
            )
        else:
            made = state["result"]
            with self.draft_contexts():
                draft._draft_extend_for_prefill(
                    batch,
                    made.logits_output.hidden_states,
                    made.next_token_ids,
                    made.logits_output.mm_input_embeds,
                    kv_loc_plan=made.kv_loc_plan,
                )

    def capture_flag(self, name, stack):
        """The engine's mark of a capture around the calls that it captures in this phase."""
        owner, method = {
            "spec-draft": (self.draft, "draft_forward"),
            "spec-verify": (self.runner, "forward"),
            "spec-draft-extend": (self.draft.draft_runner, "forward"),
        }.get(name, (None, ""))
        if owner is None or (name != "spec-verify" and name not in self.captured):
            return
        mark = need("sglang.srt.model_executor.runner_utils.capture_mode:model_capture_mode")
        real, inside = getattr(owner, method), []

        def captured(*args, **kwargs):
            if inside:
                return real(*args, **kwargs)
            inside.append(True)
            try:
                with mark():
                    return real(*args, **kwargs)
            finally:
                inside.pop()

        setattr(owner, method, captured)
        stack.callback(lambda: delattr(owner, method))

    def mute_planning(self, stack):
        """What a backend plans before a forward is not of the step."""
        draft = self.draft
        backends = (
            self.runner.attn_backend,
            draft.draft_attn_backend,
            draft.draft_extend_attn_backend,
            draft.draft_runner.attn_backend,
        )
        seen, recorder = [], self.recorder

        def mute(backend):
            real = backend.init_forward_metadata

            def init_forward_metadata(*args, **kwargs):
                recorder.muted += 1
                try:
                    return real(*args, **kwargs)
                finally:
                    recorder.muted -= 1

            backend.init_forward_metadata = init_forward_metadata
            stack.callback(lambda: delattr(backend, "init_forward_metadata"))

        for backend in backends:
            if backend is not None and not any(b is backend for b in seen):
                seen.append(backend)
                mute(backend)

    def run(self, record):
        import torch

        wanted = self.step["mode"]
        state = {"batch": schedule_batch(self)}
        for name in PHASES[wanted]:
            with contextlib.ExitStack() as stack:
                stack.enter_context(torch.no_grad())
                self.capture_flag(name, stack)
                self.mute_planning(stack)
                self.recorder.on = record and name == wanted
                try:
                    self.phase(name, state)
                finally:
                    self.recorder.on = False

    def take(self, step):
        return {**super().take(step), "queries": self.queries()}

    def queries(self):
        """Of each request, in one forward of the phase."""
        if self.step["mode"].startswith("spec-prefill"):
            return 1
        verified = need("sglang.srt.runtime_context:get_spec")().speculative_num_draft_tokens
        return self.draft.topk if self.step["mode"] == "spec-draft" else verified

    def check_step(self):
        """The worker has said so when it was made."""

    def learn(self):
        super().learn()
        draft = self.draft.draft_runner
        self.recorder.learn(draft.model, [("draft_kv_pool", draft.token_to_kv_pool)])
