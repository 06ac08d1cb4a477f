# Sparse tensors: not modelled.
def mm(mat1, mat2):
    from torch._products import mm as product

    return product(mat1, mat2)


def to_sparse_semi_structured(original_tensor, transposed=False):
    return original_tensor


class SparseSemiStructuredTensor:
    pass


def __getattr__(name):
    return _real("torch.sparse", name)


from torch._real import attribute as _real  # noqa: E402
