# Collectives that return their result.
def wait_tensor(tensor):
    return tensor


def all_reduce(self, reduceOp, group, tag=""):
    return self.clone()


def all_gather_tensor(self, gather_dim, group, tag=""):
    from torch.distributed._c10d import get_world_size

    s = list(self.shape)
    s[gather_dim] = s[gather_dim] * get_world_size(group if hasattr(group, "size") else None)
    return self.new_empty(s)


def reduce_scatter_tensor(self, reduceOp, scatter_dim, group, tag=""):
    from torch.distributed._c10d import get_world_size

    s = list(self.shape)
    s[scatter_dim] = s[scatter_dim] // get_world_size(group if hasattr(group, "size") else None)
    return self.new_empty(s)


class AsyncCollectiveTensor:
    pass


def __getattr__(name):
    return _real("torch.distributed._functional_collectives", name)


from torch._real import attribute as _real  # noqa: E402
