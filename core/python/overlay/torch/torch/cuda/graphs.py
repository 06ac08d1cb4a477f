# The names that torch keeps in this module.
from torch.cuda import (
    CUDAGraph,
    graph,
    graph_pool_handle,
    is_current_stream_capturing,
    make_graphed_callables,
)  # noqa: F401
