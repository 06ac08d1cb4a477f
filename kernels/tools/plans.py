"""Which kernel, constants and launch a definition's sizes get: the heuristics of all kernels in one place.

Pure Python, no GPU. A plan is {"file", "defines", "launches", "maps", "workspace"}; a launch is
{"entry", "grid", "block", "shared", "args"} where an argument is ("tensor", name), ("map", name), ("int", value),
("float", value) or ("scalar", name). Grids depend on shapes alone, never on what a tensor holds.
"""


def up(a, b):
    return (a + b - 1) // b


class Chip:
    """arch as KDEX_ARCH spells it; shared: bytes a block may use."""

    def __init__(self, arch, sms=132):
        self.arch, self.sms = arch, sms
        self.shared = {80: 163, 89: 99, 90: 227, 100: 227, 120: 99}[arch] * 1024


def tensor(*names):
    return [("tensor", n) for n in names]


def rmsnorm(chip, hidden, eps, fused, gemma, rows, dtype=1):
    group = 8
    while group < 1024 and group * 2 < hidden // 8:
        group *= 2
    threads = max(128, group)
    return {"file": "rmsnorm.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, HIDDEN=hidden, EPS=eps, FUSED=fused, GEMMA=gemma),
            "launches": [dict(entry="rmsnorm", grid=(up(rows, threads // group), 1, 1), block=threads, shared=0,
                              args=tensor("hidden_states", "residual", "weight", "output") + [("int", rows)])],
            "maps": {}, "workspace": {}}


def map2(name, columns, rows, box_columns, box_rows, bytes_each=2):
    """A tensor map of a row-major [rows, columns] tensor: dims, strides and box with the innermost first."""
    return dict(tensor=name, dims=(columns, rows), strides=(columns * bytes_each,), box=(box_columns, box_rows), bytes=bytes_each)


def gemm_rows(chip, m, n, k, dtype=0, rows=None):
    rows = rows or (1 if m == 1 else 2 if m == 2 else 4)
    return {"file": "gemm.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, KERNEL=0, N=n, K=k, ROWS=rows),
            "launches": [dict(entry="gemm_rows", grid=(up(n, 8), up(m, rows), 1), block=256, shared=0, args=tensor("A", "B", "C") + [("int", m)])],
            "maps": {}, "workspace": {}}


def gemm_tiled(chip, m, n, k, dtype=0, tile=None):
    bm, bn = tile or ((16, 128) if m <= 16 else (64, 64) if m <= 64 else (128, 128))
    stages = min(4, chip.shared // ((bm + bn) * 128))
    if bm + bn == 256:
        stages = min(3, stages)
    return {"file": "gemm.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, KERNEL=1, N=n, K=k, BM=bm, BN=bn, STAGES=stages),
            "launches": [dict(entry="gemm_tiled", grid=(up(m, bm), up(n, bn), 1), block=256, shared=(bm + bn) * 128 * stages, args=tensor("A", "B", "C") + [("int", m)])],
            "maps": {}, "workspace": {}}


def gemm_stream(chip, m, n, k, dtype=0, split=None, nt=None, stages=None):
    nt = nt or next((t for t in (8, 16, 32, 64) if m <= t), 128)
    tiles, steps = up(n, 128) * up(m, nt), up(k, 64)
    if split is None:
        split = next((s for s in (1, 2, 4, 8) if tiles * s >= chip.sms or steps // (2 * s) < 8), 8)
    stage = (128 + nt) * 128
    # Two blocks on a multiprocessor, each with half of its shared memory.
    stages = stages or min(12, (chip.shared // 2 - 3072) // stage)
    shared = max(stages * stage, nt * 132 * 4) + 1024
    return {"file": "gemm.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, KERNEL=2, N=n, K=k, NT=nt, SPLIT=split, STAGES=stages),
            "launches": [dict(entry="gemm_stream", grid=(up(n, 128) * split, up(m, nt), 1), block=384, shared=shared,
                              args=[("map", "B"), ("map", "A")] + tensor("C") + [("int", m)])],
            "maps": {"B": map2("B", k, n, 64, 128), "A": map2("A", k, m, 64, nt)}, "workspace": {}}


def gemm_tma(chip, m, n, k, dtype=0, bn=None):
    pairs = up(m, 256)
    if bn is None:  # the fewest columns that the busiest cluster multiplies, with a small charge for narrow tiles
        bn = min((256, 192, 128), key=lambda b: up(pairs * up(n, b), chip.sms // 2) * (b + 12))
    stages = {128: 6, 192: 4, 256: 4}[bn]
    clusters = min(chip.sms // 2, pairs * up(n, bn))
    return {"file": "gemm.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, KERNEL=3, N=n, K=k, BN=bn, STAGES=stages),
            "launches": [dict(entry="gemm_tma", grid=(2 * clusters, 1, 1), block=384, shared=stages * (128 + bn) * 128 + 32768 + 1024,
                              args=[("map", "A"), ("map", "B"), ("map", "C"), ("int", m)])],
            "maps": {"A": map2("A", k, m, 64, 128), "B": map2("B", k, n, 64, bn // 2), "C": map2("C", n, m, 64, 64)}, "workspace": {}}


def gemm(chip, m, n, k, dtype=0):
    if chip.arch != 90:
        return gemm_rows(chip, m, n, k, dtype) if m <= 4 else gemm_tiled(chip, m, n, k, dtype)
    if m <= 128 or up(m, 256) * up(n, 128) < chip.sms // 4:
        return gemm_stream(chip, m, n, k, dtype)
    return gemm_tma(chip, m, n, k, dtype)


def attention_chunk(chip, keys, batch, groups, per_sm, least):
    """Keys of a part, so that the parts of all groups fill the chip a few times over."""
    want = up(chip.sms * per_sm * 2, groups)
    return max(least, up(up(max(keys, 1), want), 64) * 64)


def gqa_decode(chip, batch, hq, hkv, d, page, last, total_pages, dtype=1, chunk=None, stages=None):
    ratio, keys = hq // hkv, total_pages * page
    row_blocks = up(ratio, 16)
    tile = 4 * 16 * 2 * d * 2
    stages = stages or max(2, min(4, (min(chip.shared, 227 * 1024) // 2 - 1024) // tile if chip.shared > 110 * 1024 else chip.shared // tile))
    chunk = chunk or attention_chunk(chip, keys, batch, hkv * row_blocks, 2, 256)
    items = up(keys, chunk) + batch
    args = tensor("q", "k_cache", "v_cache", "kv_indptr", "kv_indices", "kv_last_page_len") + [("scalar", "sm_scale")]
    return {"file": "gqa.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, KERNEL=0, HQ=hq, HKV=hkv, D=d, DV=d, PAGE=page, LAST=last, STAGES=stages),
            "launches": [dict(entry="gqa_decode", grid=(items, hkv, row_blocks), block=128, shared=stages * tile,
                              args=args + tensor("part_out", "part_lse", "first_item", "output", "lse") + [("int", batch), ("int", chunk)]),
                         dict(entry="gqa_merge", grid=(up(batch * hq, 4), 1, 1), block=128, shared=0,
                              args=tensor("part_out", "part_lse", "first_item", "kv_indptr", "kv_last_page_len", "output", "lse") + [("int", batch), ("int", chunk)])],
            "maps": {}, "workspace": {"part_out": items * hq * d * 4, "part_lse": items * hq * 4, "first_item": batch * 4}}


def gqa_prefill(chip, batch, total_q, hq, hkv, d, dv, page, last, dtype=1, kernel=None):
    ratio = hq // hkv
    kernel = kernel or (2 if chip.arch == 90 else 1)
    rows = 128 if kernel == 2 else 64
    keys = 64 if d > 192 or dv > 128 else 128
    shared = 128 * d * 2 + 2 * keys * (d + dv) * 2 + 1024 if kernel == 2 else 0
    return {"file": "gqa.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, KERNEL=kernel, HQ=hq, HKV=hkv, D=d, DV=dv, PAGE=page, LAST=last),
            "launches": [dict(entry="gqa_prefill", grid=(hkv, up(total_q * ratio, rows) + batch, 1), block=384 if kernel == 2 else 128, shared=shared,
                              args=tensor("q", "k_cache", "v_cache", "qo_indptr", "kv_indptr", "kv_indices", "kv_last_page_len")
                              + [("scalar", "sm_scale")] + tensor("output", "lse") + [("int", batch)])],
            "maps": {}, "workspace": {}}


def mla(chip, batch, total_q, heads, ckv, kpe, page, last, prefill, total_pages, dtype=1, chunk=None, keys_tile=None, stages=None):
    keys_tile = keys_tile or (64 if chip.shared > 160 * 1024 else 32)
    tile = keys_tile * (ckv + kpe) * 2
    logits = (64 // keys_tile) * 16 * (keys_tile + 8) * 4
    stages = stages or max(2, min(6, (chip.shared - 1024 - logits) // tile))
    row_blocks = up(heads, 16)
    chunk = chunk or attention_chunk(chip, total_pages * page, batch, row_blocks, 1, 256)
    items = up(total_q * heads, 16) + batch if prefill else up(total_pages * page, chunk) + batch
    launches = [dict(entry="mla_attend", grid=(items, 1 if prefill else row_blocks, 1), block=256, shared=stages * tile + logits,
                     args=tensor("q_nope", "q_pe", "ckv_cache", "kpe_cache", "qo_indptr", "kv_indptr", "kv_indices", "kv_last_page_len")
                     + [("scalar", "sm_scale")] + tensor("part_out", "part_lse", "first_item", "output", "lse") + [("int", batch), ("int", chunk)])]
    if not prefill:
        launches.append(dict(entry="mla_merge", grid=(up(batch * heads, 4), 1, 1), block=128, shared=0,
                             args=tensor("part_out", "part_lse", "first_item", "kv_indptr", "kv_last_page_len", "output", "lse") + [("int", batch), ("int", chunk)]))
    return {"file": "mla.cu", "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, HEADS=heads, CKV=ckv, KPE=kpe, PAGE=page, LAST=last, PREFILL=int(prefill), KEYS=keys_tile, STAGES=stages),
            "launches": launches, "maps": {},
            "workspace": {} if prefill else {"part_out": items * heads * ckv * 4, "part_lse": items * heads * 4, "first_item": batch * 4}}
