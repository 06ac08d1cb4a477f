# Linear algebra: shapes only.
from torch._elementwise import blank
from torch._products import matmul  # noqa: F401


def norm(A, ord=None, dim=None, keepdim=False, *, out=None, dtype=None):
    return A.norm(2, dim, keepdim, dtype)


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None, out=None):
    return x.norm(2, dim, keepdim, dtype)


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None, out=None):
    return A.norm(2, dim, keepdim, dtype)


def inv(A, *, out=None):
    return blank(A.shape, A.dtype, A.device)


pinv = cholesky = matrix_exp = inv


def det(A, *, out=None):
    return blank(A.shape[:-2], A.dtype, A.device)


def multi_dot(tensors, *, out=None):
    r = tensors[0]
    for t in tensors[1:]:
        r = matmul(r, t)
    return r


def solve(A, B, *, left=True, out=None):
    return blank(B.shape, B.dtype, B.device)


def svd(A, full_matrices=True, *, driver=None, out=None):
    m, n = A.shape[-2], A.shape[-1]
    k = m if m < n else n
    lead = A.shape[:-2]
    u = blank(lead + (m, m if full_matrices else k), A.dtype, A.device)
    s = blank(lead + (k,), A.dtype.to_real(), A.device)
    return u, s, blank(lead + (n if full_matrices else k, n), A.dtype, A.device)


def __getattr__(name):
    return _real("torch.linalg", name)


from torch._real import attribute as _real  # noqa: E402
