# Process groups of a simulated world: they know their ranks and move nothing.
from torch._platform import world as _world


class _Op:
    def __init__(self, name, value):
        self.name = name
        self.value = value

    def __repr__(self):
        return "<RedOpType.%s: %d>" % (self.name, self.value)

    def __str__(self):
        return "RedOpType." + self.name

    def __eq__(self, other):
        return isinstance(other, _Op) and self.value == other.value

    def __hash__(self):
        return self.value

    def __index__(self):
        return self.value

    __int__ = __index__


class ReduceOp:
    SUM = _Op("SUM", 0)
    AVG = _Op("AVG", 1)
    PRODUCT = _Op("PRODUCT", 2)
    MIN = _Op("MIN", 3)
    MAX = _Op("MAX", 4)
    BAND = _Op("BAND", 5)
    BOR = _Op("BOR", 6)
    BXOR = _Op("BXOR", 7)
    PREMUL_SUM = _Op("PREMUL_SUM", 8)
    UNUSED = _Op("UNUSED", 9)
    RedOpType = _Op

    def __new__(cls, op):
        return op


class Work:
    def wait(self, timeout=None):
        return True

    def is_completed(self):
        return True

    def is_success(self):
        return True

    def synchronize(self):
        return None

    def get_future(self):
        return None


class Store:
    def __init__(self, *args, **kwargs):
        self.values = {}
        self.host = args[0] if args and isinstance(args[0], str) else "localhost"
        self.port = args[1] if len(args) > 1 and isinstance(args[1], int) else 0

    def set(self, key, value):
        self.values[key] = value.encode() if isinstance(value, str) else value

    def get(self, key):
        return self.values.get(key, b"")

    def add(self, key, amount):
        self.values[key] = self.values.get(key, 0) + amount
        return self.values[key]

    def check(self, keys):
        return all([k in self.values for k in keys])

    def wait(self, keys, timeout=None):
        return None

    def delete_key(self, key):
        return self.values.pop(key, None) is not None

    def num_keys(self):
        return len(self.values)

    def set_timeout(self, timeout):
        return None


class TCPStore(Store):
    pass


class HashStore(Store):
    pass


class FileStore(Store):
    pass


class PrefixStore(Store):
    def __init__(self, prefix, store):
        super().__init__()
        self.prefix = prefix
        self.underlying_store = store


class Backend(str):
    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    XCCL = "xccl"
    UCC = "ucc"
    MPI = "mpi"
    FAKE = "fake"
    backend_list = ["undefined", "gloo", "nccl", "xccl", "ucc", "mpi", "fake"]
    default_device_backend_map = {"cpu": "gloo", "cuda": "nccl", "xpu": "xccl", "mps": "gloo"}
    backend_capability = {
        "gloo": ["cpu", "cuda"],
        "nccl": ["cuda"],
        "ucc": ["cpu", "cuda"],
        "mpi": ["cpu", "cuda"],
        "fake": ["cpu", "cuda", "hpu", "xpu"],
    }

    def __new__(cls, name):
        if not isinstance(name, str):
            raise ValueError("Backend constructor parameter must be string-ish")
        return str.__new__(cls, name.lower())

    @classmethod
    def register_backend(cls, name, func, extended_api=False, devices=None):
        setattr(cls, name.upper(), name.lower())
        cls.backend_list.append(name.lower())


class ProcessGroup:
    class BackendType:
        UNDEFINED = 0
        GLOO = 1
        NCCL = 2
        XCCL = 3
        UCC = 4
        MPI = 5
        CUSTOM = 6

    class Options:
        def __init__(self, *args, **kwargs):
            self.backend = "undefined"

    def __init__(self, *args, ranks=None, backend=None, name="0", desc="undefined", **kwargs):
        self._ranks = list(ranks) if ranks is not None else list(range(_world["size"]))
        self._backend = backend if backend is not None else _world["backend"]
        self.group_name = name
        self.group_desc = desc
        self.bound_device_id = None

    def rank(self):
        r = _world["rank"]
        return self._ranks.index(r) if r in self._ranks else -1

    def size(self):
        return len(self._ranks)

    def name(self):
        return self._backend

    def get_group_store(self):
        return Store()

    def _get_backend(self, device):
        return self

    def _get_backend_name(self):
        return self._backend

    def _set_group_name(self, name):
        self.group_name = name

    def _set_group_desc(self, desc):
        self.group_desc = desc

    def set_timeout(self, timeout):
        return None

    _set_default_timeout = set_timeout

    def _set_default_backend(self, backend_type):
        return None

    def _register_backend(self, device, backend_type, backend_class):
        return None

    def _set_sequence_number_for_group(self):
        return None

    def abort(self):
        return None

    def shutdown(self):
        return None

    def _collective(self, *args, **kwargs):
        return Work()

    allreduce = broadcast = allgather = barrier = _collective

    def __repr__(self):
        return "<torch.distributed.distributed_c10d.ProcessGroup object>"


class ProcessGroupNCCL(ProcessGroup):
    class Options(ProcessGroup.Options):
        def __init__(self, is_high_priority_stream=False):
            super().__init__()
            self.backend = "nccl"
            self.is_high_priority_stream = is_high_priority_stream
            self.config = None


class ProcessGroupGloo(ProcessGroup):
    pass


class _Default:
    """What init_process_group made."""

    def __init__(self):
        self.group = None
        self.count = 0
        self.others = []  # the ranks of the last group that this process is not in


_default = _Default()


class _GroupMeta(type):
    @property
    def WORLD(cls):
        return (
            _default.group
            if _default.group is not None or not _world["initialized"]
            else _world_group()
        )

    @WORLD.setter
    def WORLD(cls, g):
        _default.group = g


class group(metaclass=_GroupMeta):
    pass


class GroupMember(metaclass=_GroupMeta):
    NON_GROUP_MEMBER = -100


def _world_group():
    if _default.group is None:
        if not _world["initialized"]:
            raise ValueError(
                "Default process group has not been initialized, please make sure to call init_process_group."
            )
        _default.group = ProcessGroup(desc="default_pg")
    return _default.group


def _of(g):
    return _world_group() if g is None or isinstance(g, type) else g


def _kdex_set_world(rank, size, backend="nccl"):
    """Puts this process at `rank` of a world of `size`, as after init_process_group."""
    _world["rank"], _world["size"], _world["backend"], _world["initialized"] = (
        rank,
        size,
        backend,
        True,
    )
    _default.group = None


def init_process_group(
    backend=None,
    init_method=None,
    timeout=None,
    world_size=-1,
    rank=-1,
    store=None,
    group_name="",
    pg_options=None,
    device_id=None,
    **kwargs,
):
    if _world["initialized"]:
        raise ValueError("trying to initialize the default process group twice!")
    if world_size >= 0:
        _world["size"] = world_size
    if rank >= 0:
        _world["rank"] = rank
    if backend is not None:
        _world["backend"] = str(backend).lower()
    _world["initialized"] = True
    _default.group = ProcessGroup(desc="default_pg")
    _default.group.bound_device_id = device_id


def destroy_process_group(group=None):
    if group is None or group is _default.group:
        _world["initialized"] = False
        _default.group = None


def is_initialized():
    return _world["initialized"]


def is_available():
    return True


is_nccl_available = is_gloo_available = is_available


def is_mpi_available():
    return False


is_ucc_available = is_xccl_available = is_mpi_available
is_torchelastic_launched = is_mpi_available


def is_backend_available(backend):
    return str(backend).lower() in ("nccl", "gloo")


def get_rank(group=None):
    if group is None or isinstance(group, type):
        _world_group()
        return _world["rank"]
    return -1 if group == GroupMember.NON_GROUP_MEMBER else group.rank()


def get_world_size(group=None):
    return -1 if group == GroupMember.NON_GROUP_MEMBER else _of(group).size()


def get_process_group_ranks(group):
    if group == GroupMember.NON_GROUP_MEMBER:
        return list(_default.others)
    return list(_of(group)._ranks)


def get_global_rank(group, group_rank):
    ranks = _of(group)._ranks
    if not 0 <= group_rank < len(ranks):
        raise ValueError("Group rank %s is not part of group %s" % (group_rank, group))
    return ranks[group_rank]


def get_group_rank(group, global_rank):
    ranks = _of(group)._ranks
    if global_rank not in ranks:
        raise ValueError("Global rank %s is not part of group %s" % (global_rank, group))
    return ranks.index(global_rank)


def get_backend(group=None):
    if group == GroupMember.NON_GROUP_MEMBER:
        raise ValueError("Invalid process group specified")
    b = _of(group)._backend
    return Backend(b.split(":")[-1] if ":" in b else b)


def get_backend_config(group=None):
    return _of(group)._backend


def get_node_local_rank(fallback_rank=None):
    return _world["rank"]


def get_pg_count():
    return _default.count


def new_group(
    ranks=None,
    timeout=None,
    backend=None,
    pg_options=None,
    use_local_synchronization=False,
    group_desc=None,
    device_id=None,
):
    _world_group()
    _default.count += 1
    if ranks is not None:
        ranks = sorted(ranks)
        for r in ranks:
            if not 0 <= r < _world["size"]:
                raise ValueError(
                    "Rank %s is out of range. Valid ranks are 0 to %d (world_size=%d)"
                    % (r, _world["size"] - 1, _world["size"])
                )
        if _world["rank"] not in ranks:
            _default.others = ranks
            return GroupMember.NON_GROUP_MEMBER
    return ProcessGroup(
        ranks=ranks,
        backend=None if backend is None else str(backend).lower(),
        name=str(_default.count),
        desc=group_desc or "undefined",
    )


def new_subgroups(
    group_size=None, group=None, timeout=None, backend=None, pg_options=None, group_desc=None
):
    n = group_size or 8
    all_ranks = list(range(get_world_size(group)))
    groups = [new_group(all_ranks[i : i + n]) for i in range(0, len(all_ranks), n)]
    return groups[get_rank() // n], groups


def new_subgroups_by_enumeration(
    ranks_per_subgroup_list, timeout=None, backend=None, pg_options=None, group_desc=None
):
    own = None
    groups = []
    for ranks in ranks_per_subgroup_list:
        g = new_group(ranks)
        groups.append(g)
        if get_rank() in ranks:
            own = g
    return own, groups


def split_group(parent_pg=None, split_ranks=None, timeout=None, pg_options=None, group_desc=None):
    for ranks in split_ranks:
        if get_rank() in ranks:
            return new_group(ranks)
    return None


# ---------------------------------------------------------------- collectives: shapes stay, values are no longer known


def _work(async_op):
    return Work() if async_op else None


def all_reduce(tensor, op=ReduceOp.SUM, group=None, async_op=False):
    if get_world_size(group) > 1 and op.value not in (3, 4, 5, 6):
        tensor._random_fill_()
    return _work(async_op)


def broadcast(tensor, src=None, group=None, async_op=False, group_src=None):
    return _work(async_op)


def reduce(tensor, dst=None, op=ReduceOp.SUM, group=None, async_op=False, group_dst=None):
    return _work(async_op)


def all_gather(tensor_list, tensor, group=None, async_op=False):
    for t in tensor_list:
        t.copy_(tensor)
    return _work(async_op)


def all_gather_into_tensor(output_tensor, input_tensor, group=None, async_op=False):
    output_tensor._random_fill_()
    return _work(async_op)


_all_gather_base = all_gather_single = all_gather_into_tensor


def reduce_scatter(output, input_list, op=ReduceOp.SUM, group=None, async_op=False):
    output._random_fill_()
    return _work(async_op)


def reduce_scatter_tensor(output, input, op=ReduceOp.SUM, group=None, async_op=False):
    output._random_fill_()
    return _work(async_op)


_reduce_scatter_base = reduce_scatter_single = reduce_scatter_tensor


def all_to_all_single(
    output, input, output_split_sizes=None, input_split_sizes=None, group=None, async_op=False
):
    output._random_fill_()
    return _work(async_op)


def all_to_all(output_tensor_list, input_tensor_list, group=None, async_op=False):
    return _work(async_op)


def gather(tensor, gather_list=None, dst=None, group=None, async_op=False, group_dst=None):
    return _work(async_op)


def scatter(tensor, scatter_list=None, src=None, group=None, async_op=False, group_src=None):
    return _work(async_op)


def barrier(group=None, async_op=False, device_ids=None):
    _of(group)
    return _work(async_op)


def monitored_barrier(group=None, timeout=None, wait_all_ranks=False):
    return None


def all_gather_object(object_list, obj, group=None):
    for i in range(len(object_list)):
        object_list[i] = obj


def gather_object(obj, object_gather_list=None, dst=None, group=None, group_dst=None):
    if object_gather_list is not None:
        for i in range(len(object_gather_list)):
            object_gather_list[i] = obj


def broadcast_object_list(object_list, src=None, group=None, device=None, group_src=None):
    return None


def scatter_object_list(
    scatter_object_output_list, scatter_object_input_list=None, src=None, group=None, group_src=None
):
    return None


def send(tensor, dst=None, group=None, tag=0, group_dst=None):
    return None


recv = send


def isend(tensor, dst=None, group=None, tag=0, group_dst=None):
    return Work()


irecv = isend


def send_object_list(object_list, dst=None, group=None, device=None, group_dst=None):
    return None


recv_object_list = send_object_list


class P2POp:
    def __init__(self, op, tensor, peer=None, group=None, tag=0, group_peer=None):
        self.op = op
        self.tensor = tensor
        self.peer = peer
        self.group = group
        self.tag = tag
        self.group_peer = group_peer


def batch_isend_irecv(p2p_op_list):
    return [Work() for _ in p2p_op_list]


def supports_complex(reduceOp):
    return True


def set_debug_level(level):
    return None


set_debug_level_from_env = register_rendezvous_handler = set_debug_level


def rendezvous(url, rank=-1, world_size=-1, **kwargs):
    yield TCPStore("localhost", 0), rank, world_size
