# Tensors between processes: none are passed.
def reduce_tensor(tensor):
    return (rebuild_cuda_tensor, (tensor,))


def rebuild_cuda_tensor(*args):
    return args[0]


rebuild_tensor = rebuild_cuda_tensor


def init_reductions():
    return None


def __getattr__(name):
    return _real("torch.multiprocessing.reductions", name)


from torch._real import attribute as _real  # noqa: E402
