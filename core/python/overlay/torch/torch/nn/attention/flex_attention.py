# Flexible attention: shapes only.
from torch._elementwise import blank

_DEFAULT_SPARSE_BLOCK_SIZE = 128


class BlockMask:
    def __init__(self, *args, **kwargs):
        self.args = args


class AuxRequest:
    def __init__(self, lse=False, max_scores=False):
        self.lse = lse
        self.max_scores = max_scores


class AuxOutput:
    pass


class FlexKernelOptions(dict):
    pass


def noop_mask(batch, head, token_q, token_kv):
    return True


def create_block_mask(
    mask_mod,
    B,
    H,
    Q_LEN,
    KV_LEN,
    device="cuda",
    BLOCK_SIZE=_DEFAULT_SPARSE_BLOCK_SIZE,
    _compile=False,
):
    return BlockMask(mask_mod, B, H, Q_LEN, KV_LEN)


def create_mask(mod_fn, B, H, Q_LEN, KV_LEN, device="cuda"):
    return BlockMask(mod_fn, B, H, Q_LEN, KV_LEN)


def flex_attention(
    query,
    key,
    value,
    score_mod=None,
    block_mask=None,
    scale=None,
    enable_gqa=False,
    return_lse=False,
    kernel_options=None,
    *,
    return_aux=None,
):
    return blank(query.shape[:-1] + (value.shape[-1],), query.dtype, query.device)


def and_masks(*mask_mods):
    return mask_mods[0]


or_masks = and_masks
