# C = A B; B is the weight transposed, one column an output. Sums in float32.
import torch


@torch.no_grad()
def run(A, B):
    assert A.shape[1] == B.shape[0]
    c = A.to(torch.float32) @ B.to(torch.float32)
    return c.to(A.dtype)
