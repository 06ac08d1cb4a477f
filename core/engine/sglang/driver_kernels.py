# The border: functions of kernel libraries, by name. A table says of each what it gives back
# (core/engine/kernels/README.md); a function without a rule gives an unknown and is reported.
import _kdex

from driver_formats import FORMATS


class Rule:
    """One line of a table."""

    def __init__(self, library, role, signature, result, wrapper=False):
        self.library, self.role, self.wrapper = library, role, wrapper
        parts = [part.strip() for part in result.split(" ; ")] + ["", ""]
        self.result, self.operands, self.launches = parts[:3]
        name, _, parameters = signature.rstrip(")").partition("(")
        self.name = name.strip()
        self.parameters = []  # (name, default's text or None)
        for part in parameters.split(","):
            key, given, default = part.strip().partition("=")
            if key:
                self.parameters.append((key.strip(), default.strip() if given else None))

    def bind(self, args, kwargs):
        values = {}
        for (name, _), value in zip(self.parameters, args):
            values[name] = value
        values.update(kwargs)
        for name, default in self.parameters:
            if name not in values:
                values[name] = (
                    None if default is None else _kdex.eval_annotation(default, HELPERS, None)
                )
        return values

    def give(self, values):
        return _kdex.eval_annotation(self.result, HELPERS, values)

    def seen(self, args, kwargs, values):
        """The operands as the kernel sees them."""
        if not self.operands:
            return (list(args), kwargs)
        return _kdex.eval_annotation("(" + self.operands + ",)", HELPERS, values)


def parse(library, text):
    """Rules by function name. A line: role, signature, "->", result."""
    rules, wrapper = {}, False
    for line in text.split("\n"):
        line = line.strip()
        if line == "wrappers":
            wrapper = True
            continue
        if not line or line.startswith("#"):
            continue
        head, _, result = line.partition(" -> ")
        role, _, signature = head.partition(" ")
        rule = Rule(library, role, signature.strip(), result.strip(), wrapper)
        rules[rule.name] = rule
    return rules


# ---------------------------------------------------------------- what results are written with


def like(tensor, dtype=None):
    """A tensor of the same shape."""
    return empty(tensor.shape, dtype or tensor.dtype)


def empty(shape, dtype):
    import torch

    return torch.empty(tuple(shape), dtype=dtype, device="cuda")


def ceil_div(a, b):
    return (a + b - 1) // b


def attended(q, v, out, with_lse):
    """An attention's output over heads of v's width, and the sums of its softmax."""
    import torch

    if out is None:
        dtype = torch.bfloat16 if q.dtype == torch.float8_e4m3fn else q.dtype
        out = empty([*q.shape[:-1], v.shape[-1]], dtype)
    if not with_lse:
        return out
    sums = [q.shape[1], q.shape[0]] if len(q.shape) == 3 else [q.shape[0], q.shape[2], q.shape[1]]
    return (out, empty(sums, torch.float32))


def gated_delta(q, v, output, output_state, initial_state, with_state):
    """A gated delta rule's output over heads of v, and its last states."""
    out = like(v) if output is None else output
    if not with_state:
        return out
    state = output_state if output_state is not None else like(initial_state)
    return (out, state)


def sampled(scores, indices, with_valid):
    """A token for each row, and whether it is one."""
    import torch

    rows = scores.shape[0] if indices is None else indices.shape[0]
    tokens = empty([rows], torch.int32 if indices is None else indices.dtype)
    return (tokens, empty([rows], torch.bool)) if with_valid else tokens


def pages(cache):
    """The values of a cache that is one tensor or a pair."""
    return cache[1] if isinstance(cache, (tuple, list)) else cache


def paged_kv_cache_4d(cache):
    """A cache's values as pages of one token, where their page is left out of the shape."""
    parts = cache if isinstance(cache, (tuple, list)) else (cache,)
    return [c.unsqueeze(1) if len(c.shape) == 3 else c for c in parts]


class Workspace:
    """What a fused collective works in; it comes up on one node."""

    def __init__(self, backend, metadata):
        self.backend, self.metadata = backend, metadata

    def is_buffer_size_sufficient(self, *args, **kwargs):
        return True

    def destroy(self):
        return None


def workspace(backend="trtllm", use_fp32_lamport=False):
    return Workspace(backend or "trtllm", {"use_fp32_lamport": bool(use_fp32_lamport)})


def blocks(matrix, width):
    """A matrix [rows, columns] in blocks of columns: [columns / width, rows, width]."""
    return empty([matrix.shape[1] // width, matrix.shape[0], width], matrix.dtype)


def absent():
    """Of a function that the library no longer has."""
    raise ImportError("the library has no such function")


def sms():
    import torch

    return torch.cuda.get_device_properties().multi_processor_count


TYPES = {
    "f32": "float32",
    "bf16": "bfloat16",
    "f16": "float16",
    "fp8": "float8_e4m3fn",
    "i32": "int32",
    "i64": "int64",
    "u8": "uint8",
    "bool": "bool",
}


def _helpers():
    import torch

    out = {
        f.__name__: f
        for f in (
            like,
            empty,
            ceil_div,
            attended,
            gated_delta,
            sampled,
            pages,
            paged_kv_cache_4d,
            absent,
            sms,
            blocks,
            workspace,
        )
    }
    out.update({f.__name__: f for f in FORMATS})
    out["unknown"] = NotImplemented
    for short, name in TYPES.items():
        if short != "bool":
            out[short] = getattr(torch, name)
    return out


HELPERS = {}


class Border:
    """Answers calls of functions that are not in the sources."""

    def __init__(self, recorder, tables):
        self.recorder = recorder
        self.rules = {name: parse(name, text) for name, text in tables.items()}
        HELPERS.update(_helpers())
        HELPERS["Instance"] = lambda name: Instance(self, name)

    def __call__(self, name, args, kwargs):
        library, _, function = name.partition(".")
        if library not in self.rules:
            return NotImplemented
        return self.call(library, function, name, args, kwargs)

    def parameters(self, name):
        """Names of the parameters of a function of a library, or None."""
        library, _, function = name.partition(".")
        rule = self.rule(library, function) if library in self.rules else None
        return None if rule is None else [key for key, _ in rule.parameters]

    def rule(self, library, function):
        """By the last name, or by the last two: a method of a class."""
        parts = function.replace("()", "").split(".")
        rules = self.rules[library]
        return rules.get(".".join(parts[-2:])) or rules.get(parts[-1])

    def call(self, library, function, name, args, kwargs, planned=()):
        rule = self.rule(library, function)
        if rule is None:
            if "()" not in name:  # of what an unknown function gave, that one is reported
                self.recorder.no_rule(name)
            return NotImplemented
        values = rule.bind(args, kwargs)
        self.recorder.muted += 1
        try:
            result, operands = rule.give(values), rule.seen(args, kwargs, values)
        finally:
            self.recorder.muted -= 1
        if rule.role not in ("host", "plan"):
            shown = name.replace("()", "") + ("." + rule.launches if rule.launches else "")
            result_of = None if rule.operands else result
            self.recorder.launch(
                "library", shown, operands, result_of, wrapper=rule.wrapper, planned=planned
            )
        return result

    def compiled(self, module, function, args, kwargs):
        """A function of a module that the engine compiles; without a rule it gives None."""
        rule = self.rules.get("jit", {}).get(function)
        result = None
        if rule is not None:
            result = rule.give(rule.bind(args, kwargs))
            if rule.role == "host":
                return result
        self.recorder.launch("jit", f"{module}::{function}", (list(args), kwargs), result)
        return result


class Instance:
    """An object of a library's class; its methods are functions of the library."""

    def __init__(self, border, name):
        self._border, self._name = border, name
        self._library = name.partition(".")[0]
        self._planned = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        full = self._name + "." + name
        rule = self._border.rule(self._library, full)
        if rule is None:
            return _kdex.unknown(full)

        def method(*args, **kwargs):
            if rule.role == "plan":
                given = [*args, *kwargs.values()]
                self._planned = [v for v in given if hasattr(v, "dtype") and hasattr(v, "shape")]
            return self._border.call(self._library, full, full, args, kwargs, planned=self._planned)

        return method
