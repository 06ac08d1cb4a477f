"""Which kernel, constants and launch a definition's sizes get: the heuristics of all kernels in one place.

Pure Python, no GPU. A plan is {"file", "defines", "launches", "maps", "workspace"}; a launch is
{"entry", "grid", "block", "shared", "args"} ("zeroed": what of the workspace is 0 before each call) where an argument is ("tensor", name), ("map", name), ("int", value),
("float", value) or ("scalar", name). A launch with a "file" and "defines" of its own is of another unit than the plan's. Grids depend on shapes alone, never on what a tensor holds.
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


def rmsnorm(chip, hidden, eps, fused, gemma, rows, dtype=1, residual=0, group=None):
    vectors = hidden // next(w for w in (8, 4, 2, 1) if hidden % w == 0)
    if group is None:
        group = 8
        while group < 1024 and group * 2 < vectors:
            group *= 2
        if (
            rows <= chip.sms and 128 <= vectors <= 1024
        ):  # a multiprocessor a row: one vector a thread
            group = up(vectors, 32) * 32
    threads = max(128, group)
    return {
        "file": "rmsnorm.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            HIDDEN=hidden,
            EPS=eps,
            FUSED=fused,
            GEMMA=gemma,
            RESIDUAL=residual,
            GROUP=group,
        ),
        "launches": [
            dict(
                entry="rmsnorm",
                grid=(up(rows, threads // group), 1, 1),
                block=threads,
                shared=0,
                args=tensor("hidden_states", "residual", "weight", "output")
                + (tensor("residual_output") if residual else [])
                + [("int", rows)],
            )
        ],
        "maps": {},
        "workspace": {},
    }


def map2(name, columns, rows, box_columns, box_rows, bytes_each=2):
    """A tensor map of a row-major [rows, columns] tensor: dims, strides and box with the innermost first."""
    return dict(
        tensor=name,
        dims=(columns, rows),
        strides=(columns * bytes_each,),
        box=(box_columns, box_rows),
        bytes=bytes_each,
    )


def gemm_constants(chip, kernel, n, k, dtype, kn):
    """kn: B is [K, N]; dtype 2: float32."""
    return dict(
        {} if dtype == 2 else {"KDEX_DTYPE": dtype},
        KDEX_ARCH=chip.arch,
        KERNEL=kernel,
        N=n,
        K=k,
        **({"B_KN": 1} if kn else {}),
        **({"FLOAT": 1} if dtype == 2 else {}),
    )


def gemm_rows(chip, m, n, k, dtype=0, rows=None, kn=False):
    rows, columns = (
        rows or (1 if m == 1 else 2 if m == 2 else 4),
        16 if dtype == 2 and n <= 16 else 8,
    )
    if kn:
        columns = next(c for c in (1, 2, 4, 8, 16, 32) if c >= min(n, 32))
    return {
        "file": "gemm.cu",
        "defines": dict(
            gemm_constants(chip, 0, n, k, dtype, kn),
            ROWS=rows,
            **({"COLUMNS": columns} if kn else {}),
        ),
        "launches": [
            dict(
                entry="gemm_rows",
                grid=(up(n, columns), up(m, rows), 1),
                block=256,
                shared=0,
                args=tensor("A", "B", "C") + [("int", m)],
            )
        ],
        "maps": {},
        "workspace": {},
    }


def gemm_tiled(chip, m, n, k, dtype=0, tile=None, kn=False):
    bm, bn = tile or ((16, 128) if m <= 16 else (64, 64) if m <= 64 or n < 8 else (128, 128))
    stages = min(4, chip.shared // ((bm + bn) * 128))
    if bm + bn == 256:
        stages = min(3, stages)
    return {
        "file": "gemm.cu",
        "defines": dict(gemm_constants(chip, 1, n, k, dtype, kn), BM=bm, BN=bn, STAGES=stages),
        "launches": [
            dict(
                entry="gemm_tiled",
                grid=(up(m, bm), up(n, bn), 1),
                block=256,
                shared=(bm + bn) * 128 * stages,
                args=tensor("A", "B", "C") + [("int", m)],
            )
        ],
        "maps": {},
        "workspace": {},
    }


def gemm_stream(chip, m, n, k, dtype=0, split=None, nt=None, wgs=None, per_sm=None, kn=False):
    steps = up(k, 64)
    blocks = lambda t, w, s: up(n, 64 * w) * up(m, t) * s
    if wgs is None or split is None:
        # As many blocks as there are multiprocessors and no more, where alike, wide tiles for many rows, few splits. Of narrow blocks, three
        # of which a multiprocessor holds, up to a third more, but shared ones only where they are long.
        more = lambda t, w, s: (
            t <= 16 and w == 1 and not kn and (s == 1 or steps // s >= (16 if t == 16 else 64))
        )
        few = next((t for t in (8, 16, 32, 64) if m <= t), None)
        choices = [
            (t, w, s)
            for t in ([nt] if nt else [few] if few else [128, 64])
            for w in ((1, 2) if few or t == 64 else (2, 1))
            for s in (1, 2, 4, 8)
            if blocks(t, w, s)
            <= (112 if s == 8 else 4 * chip.sms // 3 if more(t, w, s) else chip.sms)
            and (s == 1 or steps // s >= 8)
        ]
        # Above 64 rows then one pass over B where it is the larger, and the fewest bytes for a block, with a charge for sums that are shared.
        bytes_of = lambda t, w, s: steps // s * (64 * w + t) + (40 * t if s > 1 else 0)
        key = lambda t, w, s: (
            (blocks(t, w, s), s <= 2)
            + (() if few else (s <= 4, n < m or t == 128, -bytes_of(t, w, s)))
        )
        nt, wgs, split = (
            max(choices, key=lambda c: key(*c))
            if choices
            else (nt or few or 128, 1 if few and few <= 16 and fills_three(chip, n, kn) else 2, 1)
        )
    nt = nt or next((t for t in (8, 16, 32, 64) if m <= t), 128)
    rows = 64 * wgs
    stage = (rows + nt) * 128
    # Blocks that a multiprocessor's shared memory takes.
    per_sm = per_sm or stream_blocks(chip, nt, wgs, split, blocks(nt, wgs, split))
    stages = max(2, min(12, (chip.shared // per_sm - 3072) // stage))
    shared = max(stages * stage, nt * (rows + 4) * 4) + 1024
    return {
        "file": "gemm.cu",
        "defines": dict(
            gemm_constants(chip, 2, n, k, dtype, kn), NT=nt, SPLIT=split, STAGES=stages, WGS=wgs
        ),
        "launches": [
            dict(
                entry="gemm_stream",
                grid=(up(n, rows) * split, up(m, nt), 1),
                block=128 * wgs + 32,
                shared=shared,
                args=[("map", "B"), ("map", "A")] + tensor("C") + [("int", m)],
            )
        ],
        "maps": {
            "B": map2("B", n, k, 64, 64) if kn else map2("B", k, n, 64, rows),
            "A": map2("A", k, m, 64, nt),
        },
        "workspace": {},
    }


def fills_three(chip, n, kn):
    """Tiles of 64 columns nearly fill three places on each multiprocessor."""
    return not kn and 27 * chip.sms < 10 * up(n, 64) <= 30 * chip.sms


def stream_blocks(chip, nt, wgs, split, blocks):
    """Blocks on a multiprocessor. Sixteen clusters of eight do not find room with one on each: 132 are not in groups of
    eight. Narrow tiles: three, of which the next launch's are there early."""
    return (
        1
        if nt >= 64 and blocks <= (chip.sms if split < 8 else 64)
        else 3
        if nt <= 16 and wgs == 1 and split < 8
        else 2
    )


def gemm_spread(
    chip, m, n, k, dtype=0, split=2, share=1, nt=None, wgs=1, per_sm=1, clusters=None, kn=False
):
    """split parts of a cluster have even shares of the steps of its tiles, share blocks of a part A's rows in common; per_sm blocks live on a multiprocessor."""
    nt = nt or next((t for t in (8, 16, 32, 64) if m <= t), 128)
    rows, tokens = 64 * wgs, up(m, nt)
    tiles = up(n, rows * share)
    if clusters is None:  # the fewest that leave the busiest no more to do
        clusters = up(tiles, up(tiles, max(1, spread_clusters(chip, split * share) // tokens)))
    stage, own = (rows + nt) * 128, wgs * 3072 + (nt * rows * 4 if split > 1 else 0)
    stages = max(2, min(24, (chip.shared // per_sm - 3072 - own) // stage))
    shared = stages * stage + own + 1024
    if per_sm == 1:  # no second one beside it
        shared = max(shared, chip.shared // 2)
    return {
        "file": "gemm.cu",
        "defines": dict(
            gemm_constants(chip, 5, n, k, dtype, kn),
            NT=nt,
            SPLIT=split,
            SHARE=share,
            STAGES=stages,
            WGS=wgs,
        ),
        "launches": [
            dict(
                entry="gemm_spread",
                grid=(clusters * split * share, tokens, 1),
                block=128 * wgs + 32,
                shared=shared,
                args=[("map", "B"), ("map", "A")] + tensor("C") + [("int", m)],
            )
        ],
        "maps": {
            "B": map2("B", n, k, 64, 64) if kn else map2("B", k, n, 64, rows),
            "A": map2("A", k, m, 64, nt // share),
        },
        "workspace": {},
    }


def spread_balanced(chip, m, n, k, dtype, kn):
    """gemm_spread where gemm_stream's blocks are more than the multiprocessors and leave some of them a tenth more to do."""
    if (
        m > 64 or kn or n % 8 or k < 64 * 16
    ):  # (with B as [K, N] a tile's pieces lie far apart: 82 us for 65 at 28672 x 4096)
        return None
    tiles, wide = up(n, 64), up(n, 128)
    most, clusters = (
        4 * up(wide, chip.sms),
        up(tiles, up(tiles, chip.sms // 2)),
    )  # in halves of a tile of 64
    if (
        20 * wide <= 21 * chip.sms
        or (m <= 16 and fills_three(chip, n, kn))
        or 10 * up(tiles, clusters) > 9 * most
    ):
        return None
    # Tiles of 128 columns where that leaves the busiest cluster no more to do.
    return gemm_spread(
        chip,
        m,
        n,
        k,
        dtype,
        kn=kn,
        wgs=2 if m <= 32 and 2 * up(wide, chip.sms // 2) <= up(tiles, clusters) else 1,
    )


def spread_shared(chip, m, n, k, dtype, kn):
    """gemm_spread with A shared by four blocks, from 33 to 128 rows where gemm_stream's busiest multiprocessor has no less to do."""
    if not 32 < m <= 128 or n % 8:
        return None
    stream, rooms = gemm_stream(chip, m, n, k, dtype, kn=kn), spread_clusters(chip, 4)
    d, (x, y, _) = stream["defines"], stream["launches"][0]["grid"]
    load, wgs = min((w * up(up(n, 256 * w), rooms), -w) for w in (1, 2))
    return (
        gemm_spread(chip, m, n, k, dtype, split=1, share=4, wgs=-wgs, kn=kn)
        if load * up(k, 64) <= d["WGS"] * up(up(k, 64), d["SPLIT"]) * up(x * y, chip.sms)
        else None
    )


def spread_clusters(chip, size):
    """Clusters that find room with a block a multiprocessor: parts of 16 or 18 multiprocessors hold them, some fewer."""
    return {1: chip.sms, 2: chip.sms // 2, 4: 28, 8: 14}[size]


def gemm_tma(chip, m, n, k, dtype=0, bn=None, split=1, across=False, kn=False):
    """split parts of a cluster share K; across: a cluster's two blocks are side by side and share A, else one below the other and share B."""
    pairs = up(m, 128) if across else up(m, 256)
    if (
        bn is None
    ):  # the fewest columns that the busiest cluster multiplies, with a small charge for narrow tiles
        bn = min((256, 192, 128), key=lambda b: up(pairs * up(n, b), chip.sms // 2) * (b + 12))
    stage = (128 + bn) * 128
    stages = min(8, (chip.shared - 32768 - 2048) // stage)
    items = pairs * (up(up(n, bn), 2) if across else up(n, bn))
    clusters = items if split > 1 else min(chip.sms // 2, items)
    return {
        "file": "gemm.cu",
        "defines": dict(
            gemm_constants(chip, 3, n, k, dtype, kn),
            BN=bn,
            STAGES=stages,
            **({"SPLIT": split} if split > 1 else {}),
            **({"ACROSS": 1} if across else {}),
        ),
        "launches": [
            dict(
                entry="gemm_tma",
                grid=(2 * split * clusters, 1, 1),
                block=384,
                shared=stages * stage + 32768 + 1024,
                args=[("map", "A"), ("map", "B"), ("map", "C")] + tensor("C") + [("int", m)],
            )
        ],
        "maps": {
            "A": map2("A", k, m, 64, 64 if across else 128),
            "B": map2("B", n, k, 64, 32) if kn else map2("B", k, n, 64, bn if across else bn // 2),
            "C": map2("C", n, m, 64, 64),
        },
        "workspace": {},
    }


def gemm_float(chip, m, n, k, kn=False, tile=None, split=None):
    top = 8 * 65535 if n <= 16 else 4
    if m <= top and not tile:
        return gemm_rows(chip, m, n, k, 2, rows=None if m <= 4 else 8, kn=kn)
    wide = m > 64 and up(m, 128) * up(n, 128) >= chip.sms
    bm, bn = tile or ((16, 256) if m <= 16 else (128, 128) if wide else (64, 64))
    tiles = up(n, 256) if m <= 16 else up(m, 64) * up(n, 64)
    split = split or (1 if wide else max(1, min(2 * chip.sms // tiles, up(k, 16) // 8)))
    launches = [
        dict(
            entry="gemm_float",
            grid=(up(m, bm), up(n, bn), split),
            block=256,
            shared=0,
            args=tensor("A", "B", "C", "part") + [("int", m)],
        )
    ]
    if split > 1:
        launches.append(
            dict(
                entry="gemm_float_sum",
                grid=(up(m * n, 256), 1, 1),
                block=256,
                shared=0,
                args=tensor("part", "C") + [("int", m), ("int", split)],
            )
        )
    return {
        "file": "gemm.cu",
        "defines": dict(gemm_constants(chip, 4, n, k, 2, kn), BM=bm, BN=bn),
        "launches": launches,
        "maps": {},
        "workspace": {"part": split * m * n * 4 if split > 1 else 4},
    }


def gemm_by_rule(chip, m, n, k, dtype, kn):
    if m <= max(128, 256 * ((chip.sms // 4 - 1) // up(n, 128))):
        return (
            spread_shared(chip, m, n, k, dtype, kn)
            or spread_balanced(chip, m, n, k, dtype, kn)
            or gemm_stream(chip, m, n, k, dtype, kn=kn)
        )
    if n % 8:
        return gemm_stream(chip, m, n, k, dtype, split=1, nt=128, wgs=1 if n <= 64 else 2, per_sm=2)
    return gemm_tma(chip, m, n, k, dtype, kn=kn)


def stream_places(chip, split):
    """Multiprocessors that clusters of `split` blocks with loads of their own fill at once."""
    return chip.sms if split <= 2 else 112 if split == 4 else 96


def gemm_time(chip, m, n, k, plan):
    """Nanoseconds that a kernel of sm_90a is expected to take, of 33 to some hundred rows: the steps of the busiest multiprocessor beside
    the bytes of B, what a launch costs, and the sums of those who share k. Fitted to 820 times on an H200, four fifths within 10 %."""
    d, steps = plan["defines"], up(k, 64)
    split, across, share = d.get("SPLIT", 1), d.get("ACROSS", 0), d.get("SHARE", 1)
    if d["KERNEL"] == 3:
        bn = d["BN"]
        items = up(up(n, bn), 2) * up(m, 128) if across else up(m, 256) * up(n, bn)
        waves = up(items, {1: chip.sms // 2, 2: 30, 4: 14}[split])
        work = waves * up(steps, split) * (8900 + 192 * bn if across else 4200 + 228 * bn) // 100
        fixed, sums = 3110 * (1 if across else waves), 17 * bn
    else:
        wgs, nt = d["WGS"], d["NT"]
        if d["KERNEL"] == 2:
            blocks, slots = up(n, 64 * wgs) * up(m, nt) * split, stream_places(chip, split)
            per_sm = stream_blocks(chip, nt, wgs, split, blocks)
            waves = up(blocks, slots * per_sm)
            load = ((waves - 1) * per_sm + up(blocks - (waves - 1) * slots * per_sm, slots)) * up(
                steps, split
            )
        else:
            clusters, waves = plan["launches"][0]["grid"][0] // (split * share), 1
            load = up(up(up(n, 64 * wgs * share), clusters) * steps, split) * up(
                clusters * up(m, nt), spread_clusters(chip, split * share)
            )
        work = (
            load
            * ((4100 if d["KERNEL"] == 5 else 0) + 900 * wgs + 49 * nt // share + 96 * wgs * nt)
            // 100
        )
        fixed, sums = 2970 * waves, 12 * nt * wgs
    bytes_of = n * k // 1930
    more, less = max(work, bytes_of), min(work, bytes_of)
    return more + less * less // (4 * more) + fixed + (sums if split > 1 else 0)


def gemm_candidates(chip, m, n, k, dtype):
    """From 33 rows on, besides what the rules above say."""
    steps, nt = up(k, 64), 64 if m <= 64 else 128
    for wgs in (1, 2):
        for split in (1, 2, 4, 8):
            # (Above 128 rows not in several waves: each reads all of A or B again.)
            if (split == 1 or steps // split >= 8) and (
                m <= 128 or up(n, 64 * wgs) * up(m, nt) * split <= stream_places(chip, split)
            ):
                yield gemm_stream(chip, m, n, k, dtype, split=split, nt=nt, wgs=wgs)
        for split in (1, 2) if m <= 128 and k >= 64 * 16 else ():
            for share in (1, 2, 4):
                yield gemm_spread(chip, m, n, k, dtype, split=split, share=share, nt=nt, wgs=wgs)
    for bn in range(256, 32, -32) if m > 64 else ():
        for split in (1, 2, 4):
            if steps // split >= 4:
                yield gemm_tma(chip, m, n, k, dtype, bn=bn, split=split, across=m <= 128)


def gemm(chip, m, n, k, dtype=0, kn=False):
    if dtype == 2:
        return gemm_float(chip, m, n, k, kn)
    if chip.arch != 90 or k % 8 or (n % 8 and kn):  # rows that TMA does not take
        return (
            gemm_rows(chip, m, n, k, dtype, kn=kn)
            if m <= 4
            else gemm_tiled(chip, m, n, k, dtype, kn=kn)
        )
    if (
        m == 1 and not kn and n >= 256 * chip.sms and k >= 1024
    ):  # four rounds of blocks: plain loads, 4.5 TB/s
        return gemm_rows(chip, m, n, k, dtype)
    plan = gemm_by_rule(chip, m, n, k, dtype, kn)
    if not 32 < m <= 512 or kn or n % 8:
        return plan
    best = min(gemm_candidates(chip, m, n, k, dtype), key=lambda p: gemm_time(chip, m, n, k, p))
    least, rule = gemm_time(chip, m, n, k, best), gemm_time(chip, m, n, k, plan)
    return best if 25 * least < 24 * rule and least + 450 < rule else plan


def attention_chunk(chip, keys, batch, groups, per_sm, faster):
    """Keys of a part: the least time in units of one block's keys. A block costs about 100 keys beside its own, the
    merge as much; blocks that have the chip for themselves run up to `faster` times as fast."""
    length, slots = up(max(keys, 1), batch), chip.sms * per_sm

    def cost(chunk):
        parts = up(length, chunk)
        items = batch * groups * parts
        alone = min(faster, max(1.0, slots / items))
        return up(items, slots) * (min(chunk, length) / alone + 100) + (
            100 + 2 * parts if parts > 1 else 0
        )

    chunks = sorted({max(128, up(up(length, p), 64) * 64) for p in range(1, 129)}, reverse=True)
    return min(chunks, key=cost)


def masked(window, cap):
    """Constants of a sliding window and a logit cap, where there are any."""
    return {**({"WINDOW": window} if window >= 0 else {}), **({"CAP": float(cap)} if cap else {})}


def gqa_wide(
    chip,
    batch,
    total_q,
    hq,
    hkv,
    d,
    dv,
    page,
    last,
    prefill,
    total_pages=0,
    dtype=1,
    chunk=None,
    window=-1,
    cap=0,
    keys_tile=None,
    stages=None,
):
    """Any size of a head up to 512."""
    ratio, keys = hq // hkv, total_pages * page
    row_blocks, row, per_sm = (
        up(ratio, 16),
        (up(d, 64) + up(dv, 64)) * 128,
        1 if max(d, dv) > 256 else 2,
    )
    logits = lambda tile: 64 // tile * 16 * (tile + 8) * 4
    keys_tile = keys_tile or (32 if 2 * 32 * row + logits(32) <= chip.shared else 16)
    stages = stages or max(
        2, min(6, (chip.shared // per_sm - 1024 - logits(keys_tile)) // (keys_tile * row))
    )
    chunk = (
        0
        if prefill
        else chunk
        or attention_chunk(chip, keys, batch, hkv * row_blocks, per_sm, 1.2 if per_sm == 1 else 2.0)
    )
    items = (up(total_q * ratio, 16) if prefill else up(keys, chunk)) + batch
    launches = [
        dict(
            entry="gqa_attend",
            grid=(items, hkv, 1 if prefill else row_blocks),
            block=256,
            shared=stages * keys_tile * row + logits(keys_tile),
            args=tensor(
                "q",
                "k_cache",
                "v_cache",
                "qo_indptr",
                "kv_indptr",
                "kv_indices",
                "kv_last_page_len",
            )
            + [("scalar", "sm_scale")]
            + tensor("part_out", "part_lse", "first_item", "output", "lse")
            + [("int", batch), ("int", chunk)],
        )
    ]
    if not prefill:
        launches.append(gqa_merge(batch, hq, chunk))
    return {
        "file": "gqa.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            KERNEL=3,
            HQ=hq,
            HKV=hkv,
            D=d,
            DV=dv,
            PAGE=page,
            LAST=last,
            PREFILL=int(prefill),
            KEYS=keys_tile,
            STAGES=stages,
            **masked(window, cap),
        ),
        "launches": launches,
        "maps": {},
        "workspace": {}
        if prefill
        else {"part_out": items * hq * dv * 4, "part_lse": items * hq * 4, "first_item": batch * 4},
    }


def gqa_merge(batch, hq, chunk):
    return dict(
        entry="gqa_merge",
        grid=(up(batch * hq, 4), 1, 1),
        block=128,
        shared=0,
        args=tensor(
            "part_out", "part_lse", "first_item", "kv_indptr", "kv_last_page_len", "output", "lse"
        )
        + [("int", batch), ("int", chunk)],
    )


def gqa_decode(
    chip,
    batch,
    hq,
    hkv,
    d,
    page,
    last,
    total_pages,
    dtype=1,
    chunk=None,
    stages=None,
    window=-1,
    cap=0,
):
    if d % 16 or d > 256:
        return gqa_wide(
            chip,
            batch,
            batch,
            hq,
            hkv,
            d,
            d,
            page,
            last,
            False,
            total_pages,
            dtype,
            chunk,
            window,
            cap,
        )
    ratio, keys = hq // hkv, total_pages * page
    row_blocks = up(ratio, 16)
    width = up(d, 64) * 64  # in shared memory
    warps = 4 if 2 * 4 * 64 * width <= chip.shared else 2
    tile = warps * 16 * 2 * width * 2  # bytes of one stage of all warps
    # Two blocks on a multiprocessor where it has room for two stages of each.
    stages = stages or max(
        2,
        min(
            4,
            (chip.shared // 2 - 1024) // tile if chip.shared > 110 * 1024 else chip.shared // tile,
        ),
    )
    chunk = chunk or attention_chunk(chip, keys, batch, hkv * row_blocks, 2, 2.0)
    items = up(keys, chunk) + batch
    args = tensor("q", "k_cache", "v_cache", "kv_indptr", "kv_indices", "kv_last_page_len") + [
        ("scalar", "sm_scale")
    ]
    return {
        "file": "gqa.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            KERNEL=0,
            HQ=hq,
            HKV=hkv,
            D=d,
            DV=d,
            PAGE=page,
            LAST=last,
            STAGES=stages,
            WARPS=warps,
            **masked(window, cap),
        ),
        "launches": [
            dict(
                entry="gqa_decode",
                grid=(items, hkv, row_blocks),
                block=32 * warps,
                shared=stages * tile,
                args=args
                + tensor("part_out", "part_lse", "first_item", "output", "lse")
                + [("int", batch), ("int", chunk)],
            ),
            gqa_merge(batch, hq, chunk),
        ],
        "maps": {},
        "workspace": {
            "part_out": items * hq * d * 4,
            "part_lse": items * hq * 4,
            "first_item": batch * 4,
        },
    }


def gqa_prefill(
    chip,
    batch,
    total_q,
    hq,
    hkv,
    d,
    dv,
    page,
    last,
    dtype=1,
    kernel=None,
    window=-1,
    cap=0,
    taken=True,
    tokens=None,
    box=None,
):
    if kernel == 4 or kernel is None and chip.arch == 90 and d > 256 and d % 128 == dv % 128 == 0:
        slabs = d // 64  # of queries (three are in registers), keys; then of values, probabilities
        return {
            "file": "gqa.cu",
            "defines": dict(
                KDEX_DTYPE=dtype,
                KDEX_ARCH=chip.arch,
                KERNEL=4,
                HQ=hq,
                HKV=hkv,
                D=d,
                DV=dv,
                PAGE=page,
                LAST=last,
                **masked(window, cap),
            ),
            "launches": [
                dict(
                    entry="gqa_prefill",
                    grid=(up(total_q * hq // hkv, 64) + batch, hkv, 1),
                    block=384,
                    shared=(2 * slabs - 3 + dv // 64 + 1) * 8192 + 1024,
                    args=tensor(
                        "q",
                        "k_cache",
                        "v_cache",
                        "qo_indptr",
                        "kv_indptr",
                        "kv_indices",
                        "kv_last_page_len",
                    )
                    + [("scalar", "sm_scale")]
                    + tensor("output", "lse")
                    + [("int", batch)],
                )
            ],
            "maps": {},
            "workspace": {},
        }
    width, vwidth = up(d, 64) * 64, up(dv, 64) * 64  # in shared memory
    if kernel is None:
        few = max(d, dv) <= 256
        kernel = (
            2
            if few and chip.arch == 90 and d % 16 == dv % 16 == 0 and vwidth <= width
            else 1
            if few and d % 64 == dv % 64 == 0
            else 3
        )
    if kernel == 3:
        return gqa_wide(
            chip, batch, total_q, hq, hkv, d, dv, page, last, True, 0, dtype, None, window, cap
        )
    ratio = hq // hkv
    rows = 128 if kernel == 2 else 64
    keys = 64 if width > 192 or vwidth > 128 else 128
    items = up(total_q * ratio, rows) + batch  # at least as many as there are blocks of rows
    args = (
        tensor(
            "q", "k_cache", "v_cache", "qo_indptr", "kv_indptr", "kv_indices", "kv_last_page_len"
        )
        + [("scalar", "sm_scale")]
        + tensor("output", "lse")
    )
    if kernel == 2:
        launch = dict(
            entry="gqa_prefill",
            grid=(min(chip.sms, items * hkv), 1, 1),
            block=384,
            shared=(1 if width > 128 else 2) * 128 * width * 2
            + 2 * keys * (width + vwidth) * 2
            + 1024,
            args=args + tensor("taken" if taken else "none") + [("int", batch), ("int", items)],
        )
    else:
        launch = dict(
            entry="gqa_prefill",
            grid=(hkv, items, 1),
            block=128,
            shared=0,
            args=args + [("int", batch)],
        )
    box = (
        box
        if box is not None
        else min(page or keys, keys)
        if kernel == 2 and (page == 0 or page >= 16)
        else 0
    )
    maps = {}
    if box:
        maps = {
            "K": map2("k_cache", hkv * d, tokens or 1, 64, box),
            "V": map2("v_cache", hkv * dv, tokens or 1, 64, box),
        }
        launch["args"] = [("map", "K"), ("map", "V")] + launch["args"]
    return {
        "file": "gqa.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            KERNEL=kernel,
            HQ=hq,
            HKV=hkv,
            D=d,
            DV=dv,
            PAGE=page,
            LAST=last,
            **masked(window, cap),
            **({"BOX": box} if box else {}),
        ),
        "launches": [launch],
        "maps": maps,
        "workspace": {"taken": 4} if kernel == 2 and taken else {},
        "zeroed": ["taken"] if kernel == 2 and taken else [],
    }


def mla(
    chip,
    batch,
    total_q,
    heads,
    ckv,
    kpe,
    page,
    last,
    prefill,
    total_pages,
    dtype=1,
    chunk=None,
    keys_tile=None,
    stages=None,
    rows=None,
    groups=0,
    tokens=None,
    box=None,
):
    """groups: of a quantized cache's latent that have a scale each; 0: no scales."""
    slabs = up(ckv + kpe, 64)  # of a tile
    rest = (
        slabs - (4 if slabs > 9 else 1) + 2
    ) * 8192 + 1024  # of 64 rows: queries, two warpgroups' probabilities, alignment
    rows = rows or (
        64
        if not groups
        and chip.arch == 90
        and (prefill or heads >= (17 if slabs > 9 else 8))
        and 2 * 8192 * slabs + rest <= chip.shared - 2048
        else 16
    )
    keys_tile = keys_tile or (
        64 if rows == 64 or chip.shared > 160 * 1024 and not groups and slabs <= 9 else 32
    )
    tile = keys_tile * slabs * 128 + (keys_tile * (ckv // 16 + 1) * 4 if groups else 0)
    if rows == 16:
        rest = (64 // keys_tile) * 16 * (keys_tile + 8) * 4  # logits
    stages = 2 if rows == 64 else stages or max(2, min(6, (chip.shared - 1024 - rest) // tile))
    row_blocks = up(heads, rows)
    chunk = chunk or attention_chunk(chip, total_pages * page, batch, row_blocks, 1, 1.2)
    items = up(total_q * heads, rows) + batch if prefill else up(total_pages * page, chunk) + batch
    parts = items
    if rows == 64 and not prefill:
        items *= row_blocks
    grid = (
        min(chip.sms, items) if prefill and rows == 64 else items,
        1 if prefill or rows == 64 else row_blocks,
        1,
    )
    taken = ["taken"] if prefill and rows == 64 else []
    box = box if box is not None else min(page, 64) if rows == 64 and page >= 16 else 0
    boxes = (
        {
            "K": map2("ckv_cache", ckv, tokens or 1, 64, box),
            "V": map2("kpe_cache", kpe, tokens or 1, 64, box),
        }
        if box
        else {}
    )
    launches = [
        dict(
            entry="mla_attend",
            grid=grid,
            block=384 if rows == 64 else 256,
            shared=stages * tile + rest,
            args=[("map", m) for m in boxes]
            + tensor(
                "q_nope",
                "q_pe",
                "ckv_cache",
                "kpe_cache",
                "qo_indptr",
                "kv_indptr",
                "kv_indices",
                "kv_last_page_len",
            )
            + [("scalar", "sm_scale")]
            + tensor("part_out", "part_lse", "output", "lse")
            + (tensor("taken") if rows == 64 else [])
            + [("int", batch), ("int", chunk)]
            + ([("int", items)] if rows == 64 else [])
            + (
                tensor("ckv_scale_arr")
                + [("int", groups), ("scalar", "ckv_scale"), ("scalar", "kpe_scale")]
                if groups
                else []
            ),
        )
    ]
    if not prefill:
        launches.append(
            dict(
                entry="mla_merge",
                grid=(batch * heads, 1, 1),
                block=up(ckv // 4, 32) * 32,
                shared=0,
                args=tensor(
                    "part_out", "part_lse", "kv_indptr", "kv_last_page_len", "output", "lse"
                )
                + [("int", chunk)],
            )
        )
    return {
        "file": "mla.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            HEADS=heads,
            CKV=ckv,
            KPE=kpe,
            PAGE=page,
            LAST=last,
            PREFILL=int(prefill),
            ROWS=rows,
            KEYS=keys_tile,
            STAGES=stages,
            **({"SCALED": 1} if groups else {}),
            **({"BOX": box} if box else {}),
        ),
        "launches": launches,
        "maps": boxes,
        "zeroed": taken,
        "workspace": {"taken": 4}
        if taken
        else {}
        if prefill
        else {"part_out": parts * heads * ckv * 4, "part_lse": parts * heads * 4},
    }


def fp8_map(name, columns, rows, box_rows):
    return map2(name, columns, rows, 128, box_rows, 1)


def rows256(chip, nt):
    """Stages of the ring, shared memory and rows of a 16-bit store's box, of kdex_rows.cuh's tile."""
    stage, box = 32768 + nt * 128, 64 if nt % 64 == 0 else 32 if nt % 32 == 0 else 16
    if chip.arch != 90:
        return 1, stage, box
    staging = max(nt * 160, box * 256)
    stages = min(8, (chip.shared - 4096 - staging) // (stage + nt * 4))
    return stages, stages * (stage + nt * 4) + staging + 1024, box


def gemm_fp8_wide(chip, m, n, k, wide, dtype=1):
    """Scales in blocks, many rows: tiles of 128 x wide, two blocks of a cluster share B's."""
    stage = (128 + wide) * 128
    stages = (chip.shared - 1024 - 16384 - 1024) // (stage + 640)
    return {
        "file": "gemm_fp8.cu",
        "defines": dict(
            KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, N=n, K=k, BLOCKS=1, WIDE=wide, STAGES=stages
        ),
        "launches": [
            dict(
                entry="gemm_fp8_wide",
                grid=(2 * min(up(n, wide) * up(m, 256), chip.sms // 2), 1, 1),
                block=384,
                shared=stages * (stage + 640) + 16384 + 1024,
                args=[("map", "B"), ("map", "A"), ("map", "C")]
                + tensor("a_scale", "b_scale")
                + [("int", m)],
            )
        ],
        "maps": {
            "B": fp8_map("B", k, n, wide // 2),
            "A": fp8_map("A", k, m, 128),
            "C": map2("C", n, m, 64, 64),
        },
        "workspace": {},
    }


def gemm_fp8(chip, m, n, k, blocks, dtype=1, nt=None, split=None):
    """blocks: a, b, a_scale, b_scale -> C; else A, B, alpha -> C."""
    hopper, columns, steps = chip.arch == 90, up(n, 256), k // 128
    few = nt or next((t for t in (16, 32, 64) if m <= t), 128 if hopper else 64)
    if split is None:  # blocks that share K, while there are multiprocessors for them
        split = (
            next(
                (s for s in (8, 4, 2) if columns * up(m, few) * s <= chip.sms and steps // s >= 2),
                1,
            )
            if hopper
            else 1
        )
    pair = int(
        hopper and split == 1 and m > 64
    )  # clusters of two blocks on neighbouring rows share the weights
    if (
        nt is None and pair
    ):  # a cluster's tiles times their width, with a small charge for narrow ones; blocks' sums overlap up to 96
        cost = lambda t: (
            up(columns * up(m, 2 * t), chip.sms // 2) * (t + (36 if blocks and t == 128 else 16))
        )
        nt = min((128, 96, 64), key=cost)
        wide_cost = lambda w: up(up(n, w) * up(m, 256), chip.sms // 2) * (w + 8)
        wide = min((256, 192), key=wide_cost)
        if blocks and wide_cost(wide) * 10 <= cost(nt) * 23:
            return gemm_fp8_wide(chip, m, n, k, wide, dtype)
    nt = nt or few
    stages, shared, box = rows256(chip, nt)
    shared = max(shared, nt * 260 * 4 + 1024)
    tiles = columns * up(m, nt)
    grid = (
        (columns, up(m, nt), 1)
        if not hopper
        else (
            tiles * split
            if split > 1
            else 2 * min(columns * up(m, 2 * nt), chip.sms // 2)
            if pair
            else min(tiles, chip.sms),
            1,
            1,
        )
    )
    launches = [
        dict(
            entry="gemm_fp8",
            grid=grid,
            block=384 if hopper else 256,
            shared=shared,
            args=([("map", "B"), ("map", "A"), ("map", "C")] if hopper else tensor("B", "A"))
            + tensor("a_scale", "b_scale")
            + [("float", 1.0) if blocks else ("scalar", "alpha")]
            + tensor("C")
            + [("int", m)],
        )
    ]
    return {
        "file": "gemm_fp8.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            N=n,
            K=k,
            BLOCKS=int(blocks),
            NT=nt,
            STAGES=stages,
            SPLIT=split,
            PAIR=pair,
            WIDE=0,
        ),
        "launches": launches,
        "maps": {
            "B": fp8_map("B", k, n, 128) if blocks else fp8_map("B", 128, n * (k // 128), 128),
            "A": fp8_map("A", k, m, nt),
            "C": map2("C", n, m, 64, box),
        }
        if hopper
        else {},
        "workspace": {},
    }


def rows4(chip, nt):
    """Blocks on a multiprocessor, stages of the ring and shared memory of kdex_fp4.cuh's tile."""
    stage = 18432 + nt * 256
    blocks = (
        3
        if nt <= 16 and chip.shared > 200 * 1024
        else 2
        if nt <= 32 and chip.shared > 120 * 1024
        else 1
    )
    stages = min(6, (chip.shared // blocks - 1024) // stage)
    return blocks, stages, stages * stage


def gemm_fp4_stream(chip, m, n, k, dtype=1, nt=None, split=None, **more):
    """sm_90a. split: blocks of a cluster that share a tile's steps; 1: even shares of all steps, as many blocks as multiprocessors."""
    steps, nt = up(k, 128), nt or next((t for t in (16, 32, 64) if m <= t), 128)
    tiles, stage = up(n, 256) * up(m, nt), 18432 + nt * 256
    stages = min(8, (chip.shared - 2048) // stage)
    if (
        split is None
    ):  # what the busiest block has to do; adding up by a kernel of its own takes as long as eight steps
        room = {8: 112, 4: 112, 2: chip.sms}
        split = min(
            (
                s
                for s in (8, 4, 2, 1)
                if s == 1 or (m <= 256 and tiles * s <= room[s] and steps // s >= 2)
            ),
            key=lambda s: (
                up(steps, s) if s > 1 else up(tiles * steps, chip.sms) + 8 * (tiles < chip.sms)
            ),
        )
    blocks = tiles * split if split > 1 else min(chip.sms, max(tiles, tiles * steps // 2))
    launches = [
        dict(
            entry="gemm_fp4_turn",
            grid=(up(m * steps * 4, 128), 1, 1),
            block=128,
            shared=0,
            args=tensor("A", "a_descale", "wide") + [("int", m)],
        ),
        dict(
            entry="gemm_fp4_stream",
            grid=(blocks, 1, 1),
            block=384,
            shared=stages * stage + 1024,
            args=[("map", "B"), ("map", "scale"), ("map", "A"), ("scalar", "alpha")]
            + tensor("C", "partial")
            + [("int", m)],
        ),
    ]
    shared_tiles = split == 1 and tiles % blocks
    if shared_tiles:
        launches.append(
            dict(
                entry="gemm_fp4_sum",
                grid=(up(m * n, 1024), 1, 1),
                block=256,
                shared=0,
                args=tensor("partial")
                + [("scalar", "alpha")]
                + tensor("C")
                + [("int", m), ("int", blocks)],
            )
        )
    return {
        "file": "gemm_fp4.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            N=n,
            K=k,
            NT=nt,
            STAGES=stages,
            SPLIT=split,
            **more,
        ),
        "launches": launches,
        "maps": {
            "B": dict(
                tensor="B", dims=(n, k // 16, 8), strides=(8 * n, n), box=(128, 8, 8), bytes=1
            ),
            "scale": map2("b_descale", n, k // 16, 128, 8, 1),
            "A": map2("wide", steps * 128, m, 64, nt),
        },
        "workspace": {
            "wide": m * steps * 256,
            "partial": blocks * 2 * nt * 1024 if shared_tiles else 0,
        },
    }


def gemm_fp4(chip, m, n, k, dtype=1, nt=None, blocks=None, many=None, stream=None):
    """many: both operands are widened first, for gemm's kernels of sm_90a."""
    many = chip.arch == 90 and m > 256 and n * k <= 1 << 31 if many is None else many
    blocks_a = up(m * (k // 16), 256)
    widen = lambda blocks, to: dict(
        entry="gemm_fp4_widen",
        grid=(blocks, 1, 1),
        block=256,
        shared=0,
        args=tensor("A", "a_descale", "B", "b_descale", "wide", to)
        + [("int", m), ("int", blocks_a)],
    )
    if many:
        plan = gemm(chip, m, n, k, dtype, kn=True)
        names = {"A": "wide", "B": "wide_b", "C": "C"}
        plan["defines"]["ALPHA"] = 1
        plan["maps"] = {x: {**v, "tensor": names[v["tensor"]]} for x, v in plan["maps"].items()}
        plan["launches"][0]["args"].append(("scalar", "alpha"))
        unit = gemm_fp4(chip, 64, n, k, dtype, many=False, stream=False)
        plan["launches"].insert(
            0,
            {
                **widen(blocks_a + up(k // 16 * (n // 8), 256), "wide_b"),
                "file": unit["file"],
                "defines": unit["defines"],
            },
        )
        plan["workspace"] = {"wide": m * k * 2, "wide_b": k * n * 2}
        return plan
    if chip.arch == 90 and k > 128 if stream is None else stream:
        return gemm_fp4_stream(chip, m, n, k, dtype)
    columns, steps = up(n, 256), up(k, 128)
    nt = nt or next(
        (t for t in (16, 32, 64) if m <= t),
        min((64, 96), key=lambda t: up(columns * up(m, t), chip.sms) * (t + 32)),
    )
    tiles, (per_sm, stages, shared) = columns * up(m, nt), rows4(chip, nt)
    # Every block takes as many of the tiles' steps: two at least, where there are not more tiles.
    blocks = blocks or min(per_sm * chip.sms, max(tiles, tiles * steps // 2))
    launches = [
        widen(blocks_a, "none"),
        dict(
            entry="gemm_fp4",
            grid=(blocks, 1, 1),
            block=256,
            shared=shared,
            args=tensor("B", "b_descale", "wide")
            + [("scalar", "alpha")]
            + tensor("C", "partial")
            + [("int", m)],
        ),
    ]
    if tiles % blocks:
        launches.append(
            dict(
                entry="gemm_fp4_sum",
                grid=(up(m * n, 1024), 1, 1),
                block=256,
                shared=0,
                args=tensor("partial")
                + [("scalar", "alpha")]
                + tensor("C")
                + [("int", m), ("int", blocks)],
            )
        )
    return {
        "file": "gemm_fp4.cu",
        "defines": dict(KDEX_DTYPE=dtype, KDEX_ARCH=chip.arch, N=n, K=k, NT=nt, STAGES=stages),
        "launches": launches,
        "maps": {},
        "workspace": {
            "wide": m * k * 2,
            "partial": blocks * 2 * nt * 1024 if tiles % blocks else 0,
        },
    }


ROUTINGS = {
    "deepseek": 0,
    "renorm": 1,
    "default": 2,
    "sigmoid": 3,
    "llama4": 3,
    "sigmoid_renorm": 4,
    "given": 5,
}


def moe(
    chip,
    tokens,
    experts,
    rows,
    top_k,
    hidden,
    inter,
    weights,
    routing,
    n_group=1,
    topk_group=1,
    shared_experts=0,
    weight_on_input=0,
    activation=0,
    logits=2,
    dtype=1,
    nt=None,
    split=None,
    many=None,
    wide=None,
):
    """weights 0: 16-bit, 1: FP8 blocks, 2: FP8 per expert, 3: NVFP4 (many: weights widened first, for sm_90a). wide: kdex_wide.cuh's tile, 1 with
    tokens copied to their slots, 2 from where they are. Inputs by the definition's names; `first_expert` and `factor` are scalars (local_expert_offset, routed_scaling_factor; 0 and 1.0 where a form has none)."""
    fp8, fp4 = weights in (1, 2), weights == 3
    average, widened = tokens * top_k / experts, rows * 4 * inter * hidden
    if many is None:
        many = fp4 and chip.arch == 90 and widened <= 4 << 30 and average > 128
    hopper, choices, size, packed = (
        chip.arch == 90 and (not fp4 or many),
        top_k + shared_experts,
        1 if fp8 else 2,
        fp4 and not many,
    )
    if wide is None:
        wide = (
            2
            if many
            else (1 if weights == 1 and average > 96 else 2)
            if nt is None and hopper and average > 24
            else 0
        )
    if wide:
        nt = 64
    nt = nt or (
        16 if average <= 12 else 32 if average <= 24 else 64 if average <= 48 or not fp4 else 96
    )
    entries = tokens * choices
    slots = up(entries + min(rows, entries) * (nt - 1), nt) * nt
    tiles = max(1, min(slots // nt, entries))
    stages, shared, box = rows256(chip, nt)
    if packed:
        _, stages, shared = rows4(chip, nt)
    elif wide:
        stages, shared = 4, 4 * (128 * 128 + 256 * 128 + 512) + 2 * 64 * 128 + 1024
    elif not hopper:
        shared = max(shared, nt * 136 * 2, 8 * nt * 4 + nt * 144)
    block = 384 if hopper else 256
    kind = "map" if hopper else "tensor"
    columns = up(inter, 128), up(hidden, 256)
    k_steps = [up(k, 128 if fp8 or fp4 else 64) for k in (hidden, inter)]
    places = chip.sms * (rows4(chip, 16)[0] if fp4 else 1)
    if split is None:  # blocks that share k, where one token's tiles leave multiprocessors free
        split = (
            [
                next((s for s in (8, 4, 2) if choices * c * s <= places and k // s >= 2), 1)
                for c, k in zip(columns, k_steps)
            ]
            if chip.arch == 90
            else [1, 1]
        )
    if nt > 16 or many or any(s > 1 and tiles * c * s > places for c, s in zip(columns, split)):
        split = [1, 1]
    grid = lambda i: (
        (2 * (chip.sms // 2), 1, 1)
        if wide
        else (
            (min(chip.sms, columns[i] * tiles) if split[i] == 1 else columns[i] * tiles * split[i]),
            1,
            1,
        )
        if hopper
        else (columns[i] * split[i], tiles, 1)
    )
    plan_args = tensor("tile_row", "tile_count")
    factors = (
        ("output1_scale_scalar", "output1_scale_gate_scalar", "output2_scale_scalar")
        if fp4
        else (
            "output1_scales_scalar" if weights == 2 else "gemm1_weights_scale",
            "output1_scales_gate_scalar",
            "output2_scales_scalar" if weights == 2 else "gemm2_weights_scale",
        )
    )
    launches = [
        dict(
            entry="moe_route",
            grid=(up(tokens, 4), 1, 1),
            block=128,
            shared=0,
            args=tensor(
                "routing_logits",
                "routing_bias",
                "topk_ids",
                "topk_weights",
                "local",
                "place",
                "count",
                "weight",
            )
            + [("int", tokens), ("scalar", "first_expert"), ("scalar", "factor")],
        ),
        dict(
            entry="moe_place",
            grid=(
                min(chip.sms, up(entries, 256))
                if wide == 2 and not fp4
                else min(8 * chip.sms, up(entries, 8)),
                1,
                1,
            ),
            block=256,
            shared=0,
            args=tensor(
                "hidden_states",
                "hidden_states_scale",
                "local",
                "place",
                "count",
                "weight",
                "slot",
                "tile_row",
                "tile_count",
                "x",
                "source" if wide == 2 else "x_scale",
                "slot_weight",
            )
            + [("int", tokens), ("int", slots)],
        ),
        dict(
            entry="moe_up",
            grid=grid(0),
            block=block,
            shared=shared,
            args=[(kind, "gemm1_weights")]
            + (
                tensor("x" if fp4 else "hidden_states", "count", "source") + [("int", tokens)]
                if wide == 2
                else [(kind, "x")]
            )
            + tensor(
                "hidden_states_scale"
                if wide == 2
                else "gemm1_weights_scale"
                if packed
                else "x_scale",
                *factors[:2],
                "gemm1_alpha",
                "gemm1_beta",
                "gemm1_clamp_limit",
                "slot_weight",
            )
            + plan_args
            + ([("map", "h_out")] if hopper else [])
            + tensor("h", "h_scale")
            + [("int", slots)],
        ),
        dict(
            entry="moe_down",
            grid=grid(1),
            block=block,
            shared=shared,
            args=[(kind, "gemm2_weights"), (kind, "h")]
            + tensor("gemm2_weights_scale" if packed else "h_scale", factors[2])
            + plan_args
            + ([("map", "y")] if hopper else [])
            + tensor("y")
            + [("int", slots)],
        ),
        dict(
            entry="moe_sum",
            grid=(tokens, up(hidden, 1024), 1),
            block=128,
            shared=0,
            args=tensor("y", "slot", "weight", "output"),
        ),
    ]
    if many:
        for entry, name, eighths in (
            ("moe_up", "gemm1_weights", 2 * inter * (hidden // 8)),
            ("moe_down", "gemm2_weights", hidden * (inter // 8)),
        ):
            at = next(i for i, l in enumerate(launches) if l["entry"] == entry)
            launches.insert(
                at,
                dict(
                    entry="moe_widen",
                    grid=(up(eighths, 1024), rows, 1),
                    block=256,
                    shared=0,
                    args=tensor(name, name + "_scale", "count", "wide") + [("int", eighths)],
                ),
            )
    w1, w2 = ("wide", "wide") if many else ("gemm1_weights", "gemm2_weights")
    wide_box = 128 if fp8 else 64
    maps = (
        {
            "gemm1_weights": map2(w1, hidden, rows * 2 * inter, wide_box, 128, size),
            "x": map2("x", hidden, slots, wide_box, nt, size),
            "h_out": map2("h", inter, slots, wide_box, nt if fp8 else box, size),
            "gemm2_weights": map2(w2, inter, rows * hidden, wide_box, 128, size),
            "h": map2("h", inter, slots, wide_box, nt, size),
            "y": map2("y", hidden, slots, 64, box),
        }
        if hopper
        else {}
    )
    return {
        "file": "moe.cu",
        "defines": dict(
            KDEX_DTYPE=dtype,
            KDEX_ARCH=chip.arch,
            EXPERTS=experts,
            ROWS=rows,
            SHARED=shared_experts,
            TOP_K=top_k,
            HIDDEN=hidden,
            INTER=inter,
            N_GROUP=n_group,
            TOPK_GROUP=topk_group,
            NT=nt,
            STAGES=stages,
            WEIGHTS=4 if many else weights,
            ROUTING=ROUTINGS[routing],
            WEIGHT_ON_INPUT=int(weight_on_input or routing == "llama4"),
            ACTIVATION=activation,
            LOGITS=logits,
            UP_SPLIT=split[0],
            DOWN_SPLIT=split[1],
            WIDE=wide,
        ),
        "launches": launches,
        "maps": maps,
        "zeroed": ["count"],
        "workspace": {
            "local": entries * 4,
            "place": entries * 4,
            "count": rows * 4,
            "weight": entries * 4,
            "slot": entries * 4,
            "tile_row": 8 * (rows + 1) if wide else slots // nt * 4,
            "tile_count": 4,
            "source": slots * 4 if wide == 2 else 0,
            "x": (slots if wide < 2 else tokens if fp4 else 0) * hidden * size,
            "x_scale": hidden // 128 * slots * 4 if weights == 1 and wide < 2 else 0,
            "slot_weight": slots * 4,
            "h": slots * inter * size,
            "h_scale": up(inter, 128) * slots * 4 if fp8 else 0,
            "y": slots * hidden * 2,
            "wide": widened if many else 0,
        },
    }
