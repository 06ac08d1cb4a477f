# Rows of what torch launches beside products: elementwise functions, reductions, copies and fills. Only
# where a step asks for them: torch's functions are wrapped while it runs.
import torch

METHODS = """__add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __truediv__
__rtruediv__ __itruediv__ __floordiv__ __mod__ __pow__ __neg__ __abs__ __and__ __or__ __xor__ __invert__
__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __getitem__ __setitem__
add add_ sub sub_ mul mul_ div div_ pow neg abs exp log sqrt rsqrt sigmoid sigmoid_ tanh relu cos sin
clamp clamp_ clamp_min clamp_max maximum minimum where masked_fill masked_fill_ fill_ zero_ copy_ clone
contiguous to type float half bfloat16 int long sum mean prod max min amax amin argmax argmin any all
cumsum softmax log_softmax topk sort argsort gather scatter scatter_ scatter_add_ index_select
index_copy_ index_put_ index_add_ repeat repeat_interleave reshape flatten tril triu nonzero bincount
one_hot flip roll logsumexp norm square reciprocal round floor ceil sign""".split()

FUNCTIONS = """add sub mul div pow neg abs exp log sqrt rsqrt sigmoid tanh relu cos sin clamp maximum minimum
where sum mean prod max min amax amin argmax argmin any all cumsum softmax log_softmax topk sort argsort
gather scatter index_select cat concat stack zeros ones full zeros_like ones_like full_like arange
repeat_interleave tril triu nonzero bincount flip roll logsumexp outer clone square floor_divide
remainder logical_and logical_or logical_not eq ne lt le gt ge""".split()

# How torch's dispatcher names an operator of Python's.
OPERATORS = {
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "invert": "bitwise_not",
    "getitem": "index",
    "setitem": "copy_",
}


def aten_name(name):
    """ "__radd__" as "add", "__imul__" as "mul_"."""
    if not name.startswith("__"):
        return name
    name = name.strip("_")
    if name in OPERATORS or hasattr(torch.Tensor, name):
        return OPERATORS.get(name, name)
    bare = OPERATORS.get(name[1:], name[1:])
    return bare + "_" if name[0] == "i" else bare


class Elementwise:
    """While it is entered, calls of torch's functions are rows of `recorder` marked elementwise: those
    that write memory, views left out."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.kept = []
        self.inside = False

    def __enter__(self):
        for owner, names in ((torch.Tensor, METHODS), (torch, FUNCTIONS)):
            for name in names:
                real = getattr(owner, name, None)
                if real is not None:
                    self.kept.append((owner, name, name in vars(owner), real))
                    setattr(owner, name, self.wrapped(aten_name(name), real))
        return self

    def __exit__(self, *raised):
        for owner, name, own, real in self.kept:
            if own:
                setattr(owner, name, real)
            else:
                delattr(owner, name)
        self.kept = []

    def wrapped(self, name, real):
        def function(*args, **kwargs):
            if self.inside or not self.recorder.on:
                return real(*args, **kwargs)
            self.inside = True
            try:
                result = real(*args, **kwargs)
            finally:
                self.inside = False
            if writes(name, args, result):
                self.recorder.launch(
                    "torch", "aten." + name, (list(args), kwargs), result, elementwise=True
                )
            return result

        return function


def writes(name, args, result):
    """Whether a call wrote memory of the device: in place, or a result that is no view."""
    if name.endswith("_"):
        return True
    for made in result if isinstance(result, (tuple, list)) else (result,):
        if isinstance(made, torch.Tensor) and made.device.type == "cuda":
            held = [a for a in args if isinstance(a, torch.Tensor)]
            return all(made is not a and not shares(made, a) for a in held)
    return False


def shares(a, b):
    return a._memory is not None and a._memory is b._memory
