# Runs in the abstract machine (test_kernel_calls.py): a layer's run stands for other layers only
# where these would have done the same. Each model is run with every layer and without; what is
# launched must be the same, and how many layers ran is known by hand.
import _kdex
import torch
from torch import _launches

from driver_kernels import Border
from driver_record import Recorder

LAYERS = 8
ran = _kdex.uncounted([])  # an item for each layer that ran


def tensor(*shape):
    return torch.empty(shape, dtype=torch.bfloat16, device="cuda")


class Layer(torch.nn.Module):
    """Launches a product as wide as width() says."""

    def __init__(self, number):
        super().__init__()
        self.layer_id = number
        self.prefix = f"layers.{number}"
        self.weight = torch.nn.Parameter(tensor(8, 8), requires_grad=False)

    def width(self, **given):
        return 8

    def forward(self, x, **given):
        ran.append(0)
        y = torch.mm(x, self.weight)
        torch.mm(y, tensor(8, self.width(**given)))
        return y


class Model(torch.nn.Module):
    def __init__(self, layer, arguments=lambda number: {}):
        super().__init__()
        self.layers = torch.nn.ModuleList([layer(i) for i in range(LAYERS)])
        self.arguments = arguments

    def forward(self, x):
        for number, layer in enumerate(self.layers):
            x = layer(x, **self.arguments(number))
        return x


def launched(layer, every, **more):
    """(name, path, tensors, layers) of a second forward, as a first one may prepare something."""
    model = Model(layer, **more)
    recorder = Recorder()
    if every:
        recorder.MOST_ALONE = 0
    border = Border(recorder, {})
    recorder.learn(model)
    _launches.listener = recorder
    _kdex.border(border, border.members)
    try:
        model(tensor(2, 8))
        ran.clear()
        recorder.on = True
        model(tensor(2, 8))
    finally:
        recorder.on = False
        _launches.listener = None
        _kdex.border(None)
    return [(r["fn"], r["path"], r["tensors"], r["layers"]) for r in recorder.result()["calls"]]


def check(layer, runs, **more):
    wanted = launched(layer, True, **more)
    assert len(ran) == LAYERS, ran
    got = launched(layer, False, **more)
    assert got == wanted, f"{layer.__name__}: {got!r} is not {wanted!r}"
    assert len(ran) == runs, f"{layer.__name__}: {len(ran)} layers ran, not {runs}"


check(Layer, 1)


# ---- what layers differ in
class Odd(Layer):
    def width(self):
        return 16 if self.layer_id % 2 else 32


class Third(Layer):
    def width(self):
        return 16 if self.layer_id == 3 else 32


class Early(Layer):
    def width(self):
        return 16 if self.layer_id < 5 else 32


class Wide(Layer):
    def width(self):
        return 8 * (1 + self.layer_id)


class Named(Layer):
    def width(self):
        return 16 if self.prefix.endswith("3") else 32


class Alone(Layer):
    def __init__(self, number):
        super().__init__(number)
        if number == 4:
            self.extra = True

    def width(self):
        return 16 if getattr(self, "extra", False) else 32


check(Odd, 2)
check(Third, 2)
check(Early, 2)
check(Wide, LAYERS)
check(Named, LAYERS)
check(Alone, 2)


# ---- what they find by their numbers
pools = [tensor(4, 16 if i < 6 else 64) for i in range(LAYERS)]
places = {i: (i // 2, i >= 6) for i in range(LAYERS)}
chosen = {1, 5}


class Pooled(Layer):
    def width(self):
        return pools[self.layer_id].shape[1]


class Placed(Layer):
    def width(self):
        at, late = places[self.layer_id]
        return 64 if late else 16 if at < 2 else 32


class Chosen(Layer):
    def width(self):
        return 16 if self.layer_id in chosen else 32


cache = {}


class Cached(Layer):
    def width(self):
        key = (id(self), self.weight.data_ptr(), 8)
        if key not in cache:
            cache[key] = 16
        return cache.get(key)


check(Pooled, 2)
check(Placed, 3)
check(Chosen, 2)
check(Cached, 1)


# ---- what a run changes
state = {"calls": 0}
history, numbers = [], set()
steps = iter(range(1000))


def counter():
    n = 0

    def count():
        nonlocal n
        n += 1
        return n

    return count


count = counter()


class Slots:
    __slots__ = ("n",)

    def __init__(self):
        self.n = 0


slots = Slots()


class Counting(Layer):
    def width(self):
        state["calls"] += 1
        return 8 + 8 * (state["calls"] % 3)


class Listing(Layer):
    def width(self):
        history.append(1)
        return 8 + 8 * (len(history) % 3)


class Collecting(Layer):
    def width(self):
        numbers.add(len(numbers))
        return 8 + 8 * (len(numbers) % 3)


class Closing(Layer):
    def width(self):
        return 8 + 8 * (count() % 3)


class Slotting(Layer):
    def width(self):
        slots.n += 1
        return 8 + 8 * (slots.n % 3)


class Stepping(Layer):
    def width(self):
        return 8 + 8 * (next(steps) % 3)


def reset():
    state["calls"] = slots.n = 0
    history.clear()
    numbers.clear()


def check_from_start(layer, runs):
    """As check(), with the state as it was before."""
    global count, steps
    got = []
    for every in (True, False):
        reset()
        count, steps = counter(), iter(range(1000))
        got.append(launched(layer, every))
    assert got[0] == got[1], f"{layer.__name__}: {got[1]!r} is not {got[0]!r}"
    assert len(ran) == runs, f"{layer.__name__}: {len(ran)} layers ran, not {runs}"


for layer in (Counting, Listing, Collecting, Closing, Slotting, Stepping):
    check_from_start(layer, LAYERS)


class Passing(Layer):
    """Marks what it gives, and looks for the mark of the layer before it."""

    def forward(self, x):
        ran.append(0)
        marked = hasattr(x, "mark")
        y = torch.mm(x, self.weight)
        y.mark = True
        torch.mm(y, tensor(8, 16 if marked else 32))
        return y


class Stacking(Layer):
    """Pushes and pops: what is there after it is what was there before."""

    def width(self):
        history.append(self)
        width = 8 * len(history)
        history.pop()
        return width


class Owning(Layer):
    """Counts its own calls."""

    calls = 0

    def width(self):
        self.calls += 1
        return 8 * self.calls


check(Passing, 2)
check(Stacking, 1)
check(Owning, LAYERS // 2)  # a layer that changed is not what it was when the run began


# ---- what they are given
class Given(Layer):
    def width(self, number):
        return 16 if number < 4 else 32


check(Given, 3, arguments=lambda number: {"number": number})
check(Given, LAYERS, arguments=lambda number: {"number": number * number})

# An argument that only goes on as it began is no guess that is taken for true.
check(Given, 3, arguments=lambda number: {"number": number if number < 6 else 0})
print("ok")
