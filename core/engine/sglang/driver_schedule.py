# What SGLang decides of a step before its forward: where the scheduler cuts prompts, and which
# captured graph replays requests that decode. Asks the engine's own methods, with what they read of
# a scheduler or graph runner; their comparisons are noted as those of the forward are.
import _kdex

from driver_common.release import find

RUNNERS = "sglang.srt.model_executor.runner."


def replays_graph(runner, batch):
    """Whether a captured graph replays this batch of requests that decode; notes its bucket's bounds.

    True where the release has no such decision, or kdex cannot follow it."""
    Runner = find(RUNNERS + "decode_cuda_graph_runner:DecodeCudaGraphRunner")
    buckets_of = find(RUNNERS + "base_cuda_graph_runner:get_batch_sizes_to_capture")
    if Runner is None or buckets_of is None:
        return True

    class Asked(Runner):
        """Of a runner what the decision reads, as without overlap, encoders and LoRA."""

        require_mlp_tp_gather = require_mlp_sync = disable_padding = False
        ragged_verify_mode = is_encoder_decoder = False
        enable_two_batch_overlap = enable_pdmux = record_nolora_graph = False
        captured_req_width = 1

        def __init__(self):
            self.model_runner = runner
            self.capture_bs = buckets_of(runner)[0]
            self.max_bs = max(self.capture_bs)

    try:
        asked = Asked()
        if not asked.can_run_graph(batch):
            return False
        asked._pad_to_bucket(batch.batch_size, asked.capture_bs)
    except Exception:
        pass  # a release that decides otherwise, or a deployment without such graphs
    return True


def admit_prompts(work, new, prefixes):
    """Notes with how many tokens of waiting prompts the scheduler cuts one into chunks.

    `new` and `prefixes`: new and cached tokens of each prompt."""
    Adder = find("sglang.srt.managers.schedule_policy:PrefillAdder")
    schedule = find("sglang.srt.runtime_context:get_schedule")
    if not hasattr(Adder, "_select_prefill_admission") or schedule is None:
        return
    chunk = schedule().chunked_prefill_size
    if chunk is None or chunk <= 0:
        return

    class Asked(Adder):
        """Of the scheduler what the decision reads, with all of the cache free."""

        dllm_config = None
        exact_chunk_fill = False

        def __init__(self):
            self.page_size = work.build.server_args.page_size or 1
            self.rem_chunk_tokens = chunk
            self.can_run_list = []

        def _check_prefill_budget(self, req, *, chunk_limit, **sizes):
            return True, chunk_limit

        def _check_prefill_tile_budget(self, tokens):
            return None

        def _replay_len(self, req, prefix_len):
            return 0

    class Tokens:
        def __init__(self, count):
            self.count = count

        def __len__(self):
            return self.count

    class Prompt:
        class sampling_params:
            max_new_tokens = 1

        def __init__(self, tokens, prefix):
            self.prefix_len = prefix
            self.full_untruncated_fill_ids = Tokens(tokens + prefix)

    try:
        asked = Asked()
        for i, (tokens, prefix) in enumerate(zip(new, prefixes)):
            # By its text, which leads to no size: no step has more than are admitted.
            waiting = _kdex.size(f"waiting_tokens.{i}", int(str(tokens)), 1)
            taken = asked._select_prefill_admission(
                Prompt(waiting, prefix),
                total_tokens=waiting,
                host_hit_length=0,
                swa_host_hit_length=0,
                truncation_align_size=None,
            )
            asked.rem_chunk_tokens -= taken.extend_len
            asked.can_run_list.append(taken)
    except Exception:
        pass  # a release that decides otherwise
