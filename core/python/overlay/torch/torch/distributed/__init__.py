# Distributed calls in a simulated world.
from torch.distributed._c10d import (
    Backend,
    FileStore,
    GroupMember,
    HashStore,
    P2POp,
    PrefixStore,
    ProcessGroup,
    ProcessGroupGloo,
    ProcessGroupNCCL,
    ReduceOp,
    Store,
    TCPStore,
    Work,
    _all_gather_base,
    _kdex_set_world,
    _reduce_scatter_base,
    all_gather,
    all_gather_into_tensor,
    all_gather_object,
    all_gather_single,
    all_reduce,
    all_to_all,
    all_to_all_single,
    barrier,
    batch_isend_irecv,
    broadcast,
    broadcast_object_list,
    destroy_process_group,
    gather,
    gather_object,
    get_backend,
    get_backend_config,
    get_global_rank,
    get_group_rank,
    get_node_local_rank,
    get_pg_count,
    get_process_group_ranks,
    get_rank,
    get_world_size,
    group,
    init_process_group,
    irecv,
    is_available,
    is_backend_available,
    is_gloo_available,
    is_initialized,
    is_mpi_available,
    is_nccl_available,
    is_torchelastic_launched,
    is_ucc_available,
    is_xccl_available,
    isend,
    monitored_barrier,
    new_group,
    new_subgroups,
    new_subgroups_by_enumeration,
    recv,
    recv_object_list,
    reduce,
    reduce_scatter,
    reduce_scatter_single,
    reduce_scatter_tensor,
    register_rendezvous_handler,
    rendezvous,
    scatter,
    scatter_object_list,
    send,
    send_object_list,
    set_debug_level,
    set_debug_level_from_env,
    split_group,
    supports_complex,
)
from torch.distributed import device_mesh, distributed_c10d, tensor  # noqa: F401
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

ReduceOptions = BroadcastOptions = AllreduceOptions = None
default_pg_timeout = None
reduce_op = ReduceOp


class DistError(RuntimeError):
    pass


class DistBackendError(DistError):
    pass


class DistNetworkError(DistError):
    pass


class DistStoreError(DistError):
    pass


class QueueEmptyError(DistStoreError):
    pass


class GradBucket:
    pass


class DebugLevel:
    OFF, INFO, DETAIL = 0, 1, 2


def get_debug_level():
    return DebugLevel.OFF


def __getattr__(name):
    return _real("torch.distributed", name)


from torch._real import attribute as _real  # noqa: E402
