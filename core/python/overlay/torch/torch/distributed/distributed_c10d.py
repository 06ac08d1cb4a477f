# The names that torch keeps in this module.
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
)  # noqa: F401
from torch.distributed._c10d import ProcessGroupNCCL as _NCCL, _world_group

from datetime import timedelta

default_pg_timeout = timedelta(seconds=1800)
default_pg_nccl_timeout = timedelta(seconds=600)
_pg_map = {}


class _World:
    pg_map = {}
    pg_names = {}
    pg_group_ranks = {}
    pg_backend_config = {}
    pg_to_tag = {}
    tags_to_pg = {}
    group_count = 0

    @property
    def default_pg(self):
        return _world_group()


_world = _World()


class BackendConfig:
    def __init__(self, backend):
        self.backend = backend


def _get_default_group():
    return _world_group()


def _get_default_timeout(backend):
    return default_pg_nccl_timeout if str(backend) == "nccl" else default_pg_timeout


def _get_default_store():
    return Store()


def _unregister_process_group(name):
    return None


def _resolve_process_group(group_name):
    return _world_group()


def _rank_not_in_group(group):
    return group is not None and group == GroupMember.NON_GROUP_MEMBER


def _new_process_group_helper(
    group_size, group_rank, global_ranks_in_group, backend, store, group_name="", **kwargs
):
    return ProcessGroup(ranks=global_ranks_in_group, backend=str(backend)), store


def _update_default_pg(pg):
    return None


def _find_pg_by_ranks_and_tag(tag, ranks):
    return None


def __getattr__(name):
    return _real("torch.distributed.distributed_c10d", name)


from torch._real import attribute as _real  # noqa: E402
