# Keeps what a forward pass launches: calls that leave the engine's sources, with their operands, the
# module that runs and the lines that led there. Calls that are alike are one row with a count.
import _kdex

SHORT = {
    "bfloat16": "bf16",
    "float32": "f32",
    "float16": "f16",
    "float8_e4m3fn": "fp8e4m3",
    "int64": "i64",
    "int32": "i32",
    "uint8": "u8",
    "int8": "i8",
    "bool": "bool",
}


ADDRESSES = 1 << 40  # integers from here on are taken for addresses


def short_dtype(dtype):
    name = str(dtype).rpartition(".")[2]
    return SHORT.get(name, name)


def star(path):
    """A module's path with layer numbers as *."""
    return ".".join(["*" if part.isdigit() else part for part in path.split(".")])


def layer_of(path):
    """The number of the layer that a path lies in, or None."""
    parts = path.split(".")
    for name, number in zip(parts, parts[1:]):
        if number.isdigit() and name in ("layers", "blocks", "h"):
            return int(number)
    return None


def ranges(numbers):
    """ "0-2,5" of a set of numbers."""
    out = []
    for n in sorted(numbers):
        if out and n == out[-1][1] + 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ",".join([str(a) if a == b else f"{a}-{b}" for a, b in out])


class Recorder:
    """A listener of torch._launches."""

    FRAMES = 12  # of the engine's that are kept of a call's way

    def __init__(self):
        self.on = False
        self.muted = 0
        self.paths = _kdex.uncounted([])
        self.names = {}
        self.owners = {}
        self.unknown = {}
        self.lists = {}  # of a module in a list: the list's name, its modules, the place
        self.runs = {}  # of a list: runs that stand for other modules in it
        self.last = _kdex.uncounted({})  # of a list: keyword arguments of the last call
        self.alone = {}  # of a list: runs since one stood for another
        self.counts = None  # while such a module runs: what counts its calls, with their paths
        self.signature = lambda name: ("", ())  # role and parameters of a function, by tables
        _kdex.uncounted(vars(self))
        self.clear()

    def clear(self):
        """Forgets what was launched; what was learned of the model stays."""
        self.rows = {}
        self.reads = {}
        self.streams = []

    # ---------------------------------------------------------------- where
    def learn(self, model, pools=()):
        """The names of a model's modules and tensors, and those of caches: (name, object) pairs."""
        import torch

        for name, module in model.named_modules(remove_duplicate=False):
            self.names.setdefault(id(module), []).append(name)
            if isinstance(module, torch.nn.ModuleList):
                items = list(module)
                self.lists.update({id(x): (name, items, i) for i, x in enumerate(items)})
        for name, parameter in model.named_parameters():
            self.own(parameter, name)
        for name, buffer in model.named_buffers():
            self.own(buffer, name)
        for name, module in model.named_modules():
            for key, value in list(vars(module).items()):
                if isinstance(value, torch.Tensor):
                    self.own(value, f"{name}.{key}")
        for name, pool in pools:
            self.learn_pool(name, pool, [])

    def learn_pool(self, name, pool, seen):
        """The names of a pool's tensors, and of pools in it, as hybrid models have them."""
        seen.append(pool)
        package = str(type(pool).__module__).rpartition(".")[0]
        for key, value in list(vars(pool).items()):
            if isinstance(value, (list, tuple)):
                for i, item in enumerate(value):
                    self.own(item, f"{name}.{key}.{i}")
            elif str(type(value).__module__).startswith(package) and hasattr(value, "__dict__"):
                if not any(value is x for x in seen):
                    self.learn_pool(name + "." + key, value, seen)
            else:
                self.own(value, f"{name}.{key}")

    def own(self, tensor, name):
        if isinstance(tensor, _tensor()) and tensor.numel() > 0:
            self.owners.setdefault(id(_memory(tensor)), (name, tensor))

    def owner(self, tensor):
        """The name of the parameter or cache that a tensor lies in, layer numbers as *, or ""."""
        memory = tensor._memory
        if memory is not None and memory.whole is not None:
            memory = memory.whole
        found = None if memory is None else self.owners.get(id(memory))
        return "" if found is None else star(found[0])

    def below(self, name):
        """An owner's name as the running module has it."""
        path = star(self.path())
        return name[len(path) :] if path and name.startswith(path + ".") else name

    def path(self):
        return self.paths[-1] if self.paths else ""

    def run(self, module, args, kwargs):
        number = _kdex.unobserved(id, module)
        names = self.names.get(number)
        if not names:  # none of the model's: a sampler
            return module.forward(*args, **kwargs)
        name = names[0]
        if len(names) > 1 and self.paths:
            here = self.paths[-1]
            below = [n for n in names if here and n.startswith(here + ".")]
            name = below[0] if below else max(names, key=lambda n: _common(n, here))
        outermost = not self.paths
        self.paths.append(name)
        try:
            if self.counts is None and number in self.lists:
                return self.run_listed(*self.lists[number], args, kwargs)
            return module.forward(*args, **kwargs)
        finally:
            self.paths.pop()
            if outermost:
                _kdex.forget_runs()
                self.runs, self.alone = {}, {}
                self.last = _kdex.uncounted({})

    MOST_ALONE = 6  # kinds of layers that take turns

    def run_listed(self, name, modules, place, args, kwargs):
        """A module of a list. What it would only do again is not run."""
        module = modules[place]
        if self.alone.get(name, 0) >= self.MOST_ALONE:  # no run of late stood for another
            return module.forward(*args, **kwargs)
        last, self.last[name] = self.last.get(name), kwargs
        found = _kdex.unobserved(self.repeated, name, module, args, kwargs)
        if found is not None:
            return found[0]
        others = [x for x in modules[place + 1 :] if type(x) is type(module)]
        run = -1
        self.counts = []
        try:
            result, run = _kdex.run_once(module.forward, module, others, args, kwargs, last)
            return result
        finally:
            _kdex.unobserved(self.keep_run, name, run)

    def keep_run(self, name, run):
        self.alone[name] = self.alone.get(name, 0) + 1
        if run >= 0:
            self.runs.setdefault(name, {})[run] = (self.path(), self.counts)
        self.counts = None

    def repeated(self, name, module, args, kwargs):
        """(result,) of a run that stands for this one, whose rows count once more; None without."""
        runs = self.runs.get(name, {})
        for run in list(runs):
            answer = _kdex.repeat(run, module, args, kwargs)
            if answer is None:
                del runs[run]
            elif answer is not False:
                self.alone[name] = 0
                path, counts = runs[run]
                for count, path_of_row in counts:
                    count(self.path() + path_of_row[len(path) :] if path_of_row else "")
                return answer
        return None

    def counted(self, count, path=""):
        """Counts for the module that runs, and again for each that its run stands for."""
        count(path)
        if self.counts is not None:
            self.counts.append((count, path))

    # ---------------------------------------------------------------- what
    def launch(
        self,
        kind,
        name,
        operands,
        result,
        elementwise=False,
        wrapper=False,
        planned=(),
        role="",
        parameters=(),
    ):
        """`wrapper`: the function is Python of its library around kernels; `planned`: (name, tensor) of
        those that it was given before, which tell calls apart; `role`, `parameters`: the function's, where the
        caller knows them and no table has to be asked."""
        if self.on and not self.muted:
            _kdex.unobserved(
                self.note,
                kind,
                name,
                operands,
                result,
                elementwise,
                wrapper,
                planned,
                role,
                parameters,
            )

    def note(self, kind, name, operands, result, elementwise, wrapper, planned, role, parameters):
        tensors, shown = [], []
        for value in (operands, result):
            self.describe(value, tensors, shown, 0)
        if not tensors or all(t.device.type == "cpu" for t in tensors):
            if kind == "torch":
                return
        shown += [shape_text(t) for _, t in planned]
        path = self.path()
        way = [w for w in _kdex.callers(self.FRAMES, "run") if not _is_logging(w)]
        key = (kind, name, star(path), tuple(shown), tuple([(w[0], w[2]) for w in way[:2]]))
        row = self.rows.get(key)
        if row is None:
            if not role:
                role, known = self.signature(name)
                parameters = parameters or known
            row = self.rows[key] = {
                "fn": name,
                "kind": kind,
                "role": role,
                "operands": self.operands(operands, result, parameters, planned),
                "arguments": arguments(operands, parameters),
                "stream": self.stream(),
                "path": star(path),
                "count": 0,
                "tensors": sorted({shape_text(t) for t in tensors if not is_mask(t)}),
                "where": [(w[0], w[1]) for w in way],
                "elementwise": elementwise,
                "wrapper": wrapper,
                "numbers": set(),
            }

        def count(path):
            row["count"] += 1
            layer = layer_of(path)
            if layer is not None:
                row["numbers"].add(layer)

        self.counted(count, path)

    def describe(self, value, tensors, shown, depth):
        if isinstance(value, _tensor()):
            tensors.append(value)
            strides = gaps(value)
            shown.append(
                shape_text(value)
                + (str(strides) if strides else "")
                + "@"
                + self.below(self.owner(value))
            )
        elif isinstance(value, (list, tuple)):
            if depth < 3:
                for item in value:
                    self.describe(item, tensors, shown, depth + 1)
        elif isinstance(getattr(value, "operand", None), _tensor()):  # a library's view of one
            self.describe(value.operand, tensors, shown, depth)
        elif isinstance(value, dict):
            if depth < 3:
                for name, item in value.items():
                    if name != "layer_id":
                        self.describe(item, tensors, shown, depth + 1)
        elif isinstance(value, int) and value >= ADDRESSES:
            shown.append("an address")
        elif value is None or isinstance(value, (bool, int, float, str)):
            shown.append(str(value))

    def operands(self, given, result, parameters, planned=()):
        """(name, "bf16[37,4096]", owner) of each tensor that a call was given, in order, and of what
        it gave back: "result". A tensor in a list has its place in its name: "b.0"; one that was
        planned with before, "plan.custom_mask"."""
        out = []
        for name, value in [*named(given, parameters), *planned, ("result", result)]:
            self.operand(name, value, out, 0)
        return out

    def stream(self):
        """The number of the stream that the thread launches on, in order of first use; "" for its
        first."""
        from torch.cuda import current_stream

        now = current_stream()
        if not self.streams:
            self.streams.append(now)
        for number, known in enumerate(self.streams):
            if known is now:
                return str(number) if number else ""
        self.streams.append(now)
        return str(len(self.streams) - 1)

    def operand(self, name, value, out, depth):
        if isinstance(value, _tensor()):
            out.append((name, shape_text(value), self.owner(value), gaps(value)))
        elif isinstance(value, (list, tuple)):
            if depth < 3:
                for i, item in enumerate(value):
                    self.operand(f"{name}.{i}", item, out, depth + 1)
        elif isinstance(getattr(value, "operand", None), _tensor()):
            self.operand(name, value.operand, out, depth)
        elif isinstance(value, dict):
            if depth < 3:
                for key, item in value.items():
                    self.operand(f"{name}.{key}", item, out, depth + 1)

    def no_rule(self, name):
        """A function without a rule, also before the step that is kept."""
        _kdex.unobserved(self.note_no_rule, name)

    def note_no_rule(self, name):
        way = _kdex.callers(1, "run")
        row = self.unknown.setdefault(
            name, {"fn": name, "count": 0, "where": (way[0][0], way[0][1]) if way else ("", 0)}
        )

        def count(path):
            row["count"] += 1

        self.counted(count)

    def read(self, tensor):
        """Values that only the device has are zeros for the host."""
        if self.on:
            _kdex.unobserved(self.note_read, tensor)

    def note_read(self, tensor):
        way = _kdex.callers(1, "run")
        place = f"{way[0][0]}:{way[0][1]}" if way else "?"
        text = f"{shape_text(tensor)} was read at {place} and taken for zeros"

        def count(path):
            self.reads[text] = self.reads.get(text, 0) + 1

        self.counted(count)

    def result(self):
        rows = []
        for row in self.rows.values():
            row["layers"] = ranges(row.pop("numbers"))
            rows.append(row)
        return {
            "calls": joined(rows),
            "unknown": list(self.unknown.values()),
            "reads": [f"{n} x {text}" for text, n in self.reads.items()],
        }


def named(given, parameters):
    """(name, value) of what a call was given: (list, dict) of arguments, or operands alone."""
    args, kwargs = given, {}
    if len(given) == 2 and isinstance(given[0], list) and isinstance(given[1], dict):
        args, kwargs = given
    places = [(parameters[i] if i < len(parameters) else str(i), x) for i, x in enumerate(args)]
    return [*places, *kwargs.items()]


def arguments(given, parameters):
    """(name, text) of the numbers, texts and types among them."""
    from torch import dtype

    out = []
    for name, value in named(given, parameters):
        if isinstance(value, dtype):
            out.append((name, short_dtype(value)))
        elif isinstance(value, (bool, int, float, str)):
            if isinstance(value, bool) or not isinstance(value, int) or value < ADDRESSES:
                out.append((name, str(value)))
    return out


def gaps(tensor):
    """Strides of a tensor that does not lie in one piece, else nothing."""
    if len(tensor.shape) < 2 or tensor.is_contiguous():
        return ()
    return tuple([int(s) for s in tensor._strides])


def joined(rows):
    """Calls of one library function that follow one another at one place, as one row whose parts they
    are: attention over a prefix and over a tree of drafts, say."""
    out, last = [], None
    for row in rows:
        wrapper = row.pop("wrapper")
        if row["elementwise"]:
            out.append(row)
            continue
        place = (row["fn"], row["path"], row["layers"]) if wrapper else None
        if last is not None and place is not None and place == last[0]:
            first = last[1]
            parts = first.setdefault("parts", [part(first)])
            parts.append(part(row))
            first["tensors"] = sorted({*first["tensors"], *row["tensors"]})
            continue
        last = (place, row)
        out.append(row)
    return out


def part(row):
    return {"count": row["count"], "tensors": list(row["tensors"])}


def shape_text(tensor):
    return short_dtype(tensor.dtype) + "[" + ",".join([str(int(d)) for d in tensor.shape]) + "]"


def is_mask(tensor):
    """Booleans say which elements count; they are no operand of their own."""
    return str(tensor.dtype) == "torch.bool"


def _tensor():
    from torch import Tensor

    return Tensor


def _memory(tensor):
    from torch._elementwise import own_memory

    return own_memory(tensor)


def _common(a, b):
    n = 0
    for x, y in zip(a, b):
        if x != y:
            break
        n += 1
    return n


def _is_logging(frame):
    """Frames of wrappers that only log or pass on."""
    return frame[0].endswith("kernel_api_logging.py") or frame[2] == "_call_directly"
