# A ScheduleBatch as the scheduler hands it to a worker: requests of given lengths and what they ask
# of sampling. Knows no worker.
import _kdex

from driver_common.release import call, find, need
from driver_tensors import on_device


class Request:
    """What a step reads of a request; whatever else is asked of it is None."""

    def __init__(self, number, length, prefix):
        from array import array

        class Kept:
            mamba_next_track_idx = 0
            mamba_last_track_idx = None
            kv_committed_len = length

        self.rid = f"r{number}"
        self.return_logprob = self.is_prefill_only = False
        self.extend_end = length
        self.prefix_len = prefix
        self.full_untruncated_fill_ids = range(length)
        self.origin_input_ids = self.fill_ids = array("q", [1] * 4)
        self.output_ids = array("q")
        self.kv = Kept()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def sampling(size, words, sampled):
    """Greedy for all requests, or top-k and top-p for all."""
    import torch

    info = need("sglang.srt.sampling.sampling_batch_info:SamplingBatchInfo")
    return call(
        info,
        temperatures=on_device(size, 1, dtype=torch.float32),
        top_ps=on_device(size, dtype=torch.float32),
        top_ks=on_device(size, dtype=torch.int32),
        min_ps=on_device(size, dtype=torch.float32),
        is_all_greedy=not sampled,
        is_any_greedy=not sampled,
        need_top_p_sampling=sampled,
        need_top_k_sampling=sampled,
        need_min_p_sampling=False,
        vocab_size=words,
        device="cuda",
    )


def schedule_batch(work):
    """The batch of a step of `work`, a Speculation."""
    import torch

    step, config = work.step, work.build.model_config
    prompt = step["mode"].startswith("spec-prefill")
    new = list(step["extend_lens"]) if prompt else [step["length"]] * step["batch"]
    prefixes = list(step["prefix_lens"]) if prompt else [0] * len(new)
    lengths = [a + b for a, b in zip(new, prefixes)]
    size = _kdex.size("batch_size", len(new), 1) if prompt else step["batch"]
    tokens = _kdex.size("num_tokens", sum(new), 1)
    pool, allocator = work.target.get_memory_pool()

    class Tree:
        page_size = work.runner.page_size

    batch = call(
        need("sglang.srt.managers.schedule_batch:ScheduleBatch"),
        reqs=[Request(i, lengths[i], prefixes[i]) for i in range(size)],
        req_to_token_pool=pool,
        token_to_kv_pool_allocator=allocator,
        tree_cache=Tree(),
        model_config=config,
        enable_overlap=True,
        device="cuda",
        spec_algorithm=work.algorithm,
        req_pool_indices=on_device(size),
        req_pool_indices_cpu=torch.arange(size, dtype=torch.int64, device="cpu"),
        seq_lens=on_device(size),
        seq_lens_cpu=torch.tensor(lengths, dtype=torch.int64, device="cpu"),
        seq_lens_sum=sum(lengths),
        orig_seq_lens=on_device(size, dtype=torch.int32),
        multimodal_inputs=[None] * size,
        top_logprobs_nums=[0] * size,
        token_ids_logprobs=[None] * size,
        sampling_info=sampling(size, config.vocab_size, step["sampled"]),
    )
    modes = need("sglang.srt.model_executor.forward_batch_info:ForwardMode")
    batch.forward_mode = modes.EXTEND if prompt else modes.DECODE
    if prompt:
        batch.input_ids, batch.out_cache_loc = on_device(tokens), on_device(tokens)
        batch.prefix_lens, batch.extend_lens = prefixes, list(new)
        batch.extend_num_tokens = tokens
        batch.extend_logprob_start_lens = list(new)
        batch.is_extend_in_batch = True
    batch.global_forward_mode = batch.forward_mode
    coordinate(batch, size, tokens if prompt else size, not prompt)
    return batch


def gathered_ranks():
    """From how many data-parallel ranks the scheduler gathers the sizes of a step; 0: it does not."""
    needs = find("sglang.srt.utils.common:require_mlp_sync")
    if needs is None or not needs():
        return 0
    gathers = need("sglang.srt.utils.common:require_mlp_tp_gather")
    return need("sglang.srt.runtime_context:get_parallel")().num_dp_ranks if gathers() else 1


def coordinate(batch, size, tokens, decode):
    """What the scheduler gathers from data-parallel ranks, all of them loaded alike."""
    ranks = gathered_ranks()
    if ranks == 0:
        return
    batch.global_num_tokens = [tokens] * ranks
    batch.global_num_tokens_for_logprob = [size] * ranks
    batch.can_run_decode_cuda_graph = decode
