# The tracer: never runs.
from torch._dynamo import config, convert_frame, eval_frame, utils
from torch.compiler import disable


def is_compiling():
    return False


def allow_in_graph(fn):
    return fn


disallow_in_graph = forbid_in_graph = graph_break_on = run = allow_in_graph


def mark_dynamic(t, index, *, min=None, max=None, **kwargs):
    return None


mark_static = maybe_mark_dynamic = mark_unbacked = mark_static_address = mark_dynamic


def graph_break(msg=""):
    return None


reset = reset_code_caches = graph_break


def optimize(*args, **kwargs):
    return lambda f: f


def explain(f, *args, **kwargs):
    return None


def list_backends(exclude_tags=()):
    return ["cudagraphs", "inductor"]


class OptimizedModule:
    pass


def external_utils(*args):
    return None


def __getattr__(name):
    return _real("torch._dynamo", name)


from torch._real import attribute as _real  # noqa: E402
