# C = alpha * A B of NVFP4 values: 4-bit floats (1 sign, 2 exponent, 1 mantissa bit), two in a byte,
# the earlier one in the low half; an FP8 scale for every 16 of K; alpha is the product of the two
# float32 scales of the tensors.
import torch

OUT_DTYPE = torch.bfloat16  # kdex:constant


def unpack(packed):
    """[rows, K/2] bytes -> [rows, K] float32."""
    code = packed.view(torch.uint8).to(torch.long)
    code = torch.stack((code & 15, code >> 4), dim=-1).reshape(packed.shape[0], -1)
    magnitude = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0], device=packed.device)[code & 7]
    return torch.where(code >= 8, -magnitude, magnitude)


@torch.no_grad()
def run(A, B, a_descale, b_descale, alpha, block_size):
    k = A.shape[1] * 2
    size = int(block_size)
    block = torch.arange(k, device=A.device) // size
    a = unpack(A) * a_descale.to(torch.float32)[:, block]
    b = unpack(B.T.contiguous()) * b_descale.to(torch.float32).T[:, block]
    return ((a @ b.T) * alpha).to(OUT_DTYPE)
