# Collectives of one process: none.
def version():
    from torch._platform import facts

    return facts["nccl_version"]


def is_available(tensors):
    return True
