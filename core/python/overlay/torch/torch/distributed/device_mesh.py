# Meshes of devices.
from torch.distributed._c10d import get_rank, get_world_size, new_group


class DeviceMesh:
    def __init__(self, device_type, mesh, *, mesh_dim_names=None, _init_backend=True, **kwargs):
        from torch import as_tensor

        self.device_type = device_type
        self.mesh = as_tensor(mesh, device="cpu")
        self.mesh_dim_names = tuple(mesh_dim_names) if mesh_dim_names else None

    @property
    def ndim(self):
        return len(self.mesh.shape)

    @property
    def shape(self):
        return tuple(self.mesh.shape)

    def size(self, mesh_dim=None):
        return self.mesh.numel() if mesh_dim is None else self.mesh.shape[mesh_dim]

    def _dim(self, dim):
        if dim is None:
            return 0
        return self.mesh_dim_names.index(dim) if isinstance(dim, str) else dim

    def get_coordinate(self):
        rank = get_rank()
        flat = self.mesh.reshape(-1).tolist()
        if rank not in flat:
            return None
        at = flat.index(rank)
        out = []
        for d in reversed(self.shape):
            out.append(at % d)
            at = at // d
        return tuple(reversed(out))

    def get_rank(self):
        return get_rank()

    def get_local_rank(self, mesh_dim=None):
        return self.get_coordinate()[self._dim(mesh_dim)]

    def get_group(self, mesh_dim=None):
        d = self._dim(mesh_dim)
        where = self.get_coordinate()
        key = tuple([slice(None) if i == d else w for i, w in enumerate(where)])
        return new_group(self.mesh[key].tolist())

    def get_all_groups(self):
        return [self.get_group(i) for i in range(self.ndim)]

    def __getitem__(self, names):
        if isinstance(names, str):
            names = (names,)
        where = self.get_coordinate()
        keep = [self._dim(n) for n in names]
        key = tuple([slice(None) if i in keep else w for i, w in enumerate(where)])
        return DeviceMesh(self.device_type, self.mesh[key], mesh_dim_names=names)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    @staticmethod
    def from_group(group, device_type, mesh=None, *, mesh_dim_names=None):
        return DeviceMesh(
            device_type, group._ranks if mesh is None else mesh, mesh_dim_names=mesh_dim_names
        )

    def __repr__(self):
        if self.mesh_dim_names:
            dims = (
                "(" + ", ".join(["%s=%s" % p for p in zip(self.mesh_dim_names, self.shape)]) + ")"
            )
        else:
            dims = str(self.shape)
        return "DeviceMesh(%s, '%s', stride=%s)" % (dims, self.device_type, self.mesh.stride())


class _Resources:
    def get_current_mesh(self):
        raise RuntimeError("No device mesh is currently active!")


_mesh_resources = _Resources()


def init_device_mesh(device_type, mesh_shape, *, mesh_dim_names=None, backend_override=None):
    from torch import arange

    n = 1
    for d in mesh_shape:
        n = n * d
    if n > get_world_size():
        raise RuntimeError(
            "Mesh should not be bigger than default world size %d, but found %d ranks!"
            % (get_world_size(), n)
        )
    return DeviceMesh(
        device_type, arange(n, device="cpu").view(tuple(mesh_shape)), mesh_dim_names=mesh_dim_names
    )
