# The compiler's switches: nothing is compiled.
from torch._calls import compile
from torch.compiler import config


def is_compiling():
    return False


is_dynamo_compiling = is_exporting = is_compiling


def disable(fn=None, recursive=True, *, reason=None):
    return fn if fn is not None else (lambda f: f)


def allow_in_graph(fn):
    return fn


assume_constant_result = allow_in_graph


def substitute_in_graph(original_fn, **kwargs):
    return lambda f: f


class set_stance:
    def __init__(self, stance="default", **kwargs):
        self.stance = stance

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None

    def __call__(self, function):
        return function


def reset():
    return None


cudagraph_mark_step_begin = reset


def list_backends(exclude_tags=()):
    return ["cudagraphs", "inductor"]


def wrap_numpy(fn):
    return fn


def nested_compile_region(fn=None, *args, **kwargs):
    return fn if fn is not None else (lambda f: f)


def __getattr__(name):
    return _real("torch.compiler", name)


from torch._real import attribute as _real  # noqa: E402
