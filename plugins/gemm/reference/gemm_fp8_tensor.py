# C = alpha * A B of FP8 values; alpha is the product of the two scales of the tensors. B comes in
# blocks of 128 of K: B[i, n, j] is the weight of output n and input 128 i + j.
import torch

OUT_DTYPE = torch.bfloat16  # kdex:constant


@torch.no_grad()
def run(A, B, alpha):
    m, k = A.shape
    blocks, n, block = B.shape
    assert blocks * block == k
    weight = B.to(torch.float32).permute(1, 0, 2).reshape(n, k)
    c = A.to(torch.float32) @ weight.T
    return (c * alpha).to(OUT_DTYPE)
