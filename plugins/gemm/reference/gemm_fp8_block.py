# out = a b^T of FP8 values with float32 scales: one for every 128 columns of a row of a, one for
# every 128 x 128 block of b. Products of dequantized values are summed in float32.
import torch

BLOCK = 128
OUT_DTYPE = torch.bfloat16  # kdex:constant


@torch.no_grad()
def run(a, b, a_scale, b_scale):
    m, k = a.shape
    n = b.shape[0]
    blocks_k, blocks_n = (k + BLOCK - 1) // BLOCK, (n + BLOCK - 1) // BLOCK
    assert tuple(a_scale.shape) == (m, blocks_k)
    assert tuple(b_scale.shape) == (blocks_n, blocks_k)
    column = torch.arange(k, device=a.device) // BLOCK
    row = torch.arange(n, device=a.device) // BLOCK
    a32 = a.to(torch.float32) * a_scale[:, column]
    b32 = b.to(torch.float32) * b_scale[row][:, column]
    return (a32 @ b32.T).to(OUT_DTYPE)
