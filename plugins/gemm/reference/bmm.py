# C = A B^T for each item of a batch; B has one row an output. Sums in float32.
import torch


@torch.no_grad()
def run(A, B):
    assert A.shape[0] == B.shape[0] and A.shape[2] == B.shape[2]
    c = A.to(torch.float32) @ B.to(torch.float32).mT
    return c.to(A.dtype)
