# C = A B for each item of a batch; B has one column an output. Sums in float32.
import torch


@torch.no_grad()
def run(A, B):
    assert A.shape[0] == B.shape[0] and A.shape[2] == B.shape[1]
    c = A.to(torch.float32) @ B.to(torch.float32)
    return c.to(A.dtype)
