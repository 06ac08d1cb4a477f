"""Launches plans of kdex (kdex.py) through the driver API, for verify.py; without a GPU it checks what they take."""

import copy, ctypes, os
import kdex

_driver, _functions = None, {}


def driver():
    global _driver
    if _driver is None:
        _driver = ctypes.CDLL("libcuda.so.1")
    return _driver


def check(code, what):
    if code:
        name = ctypes.c_char_p()
        driver().cuGetErrorString(code, ctypes.byref(name))
        raise RuntimeError(f"{what}: {name.value.decode() if name.value else code}")


def function(unit, entry, shared):
    """An entry of a unit that is built, with that much dynamic shared memory."""
    key = (unit["key"], entry)
    if key not in _functions:
        module, f = ctypes.c_void_p(), ctypes.c_void_p()
        check(
            driver().cuModuleLoadData(ctypes.byref(module), kdex.image(unit)),
            f"load {unit['cubin']['path']}",
        )
        check(driver().cuModuleGetFunction(ctypes.byref(f), module, entry.encode()), entry)
        _functions[key] = f
    f = _functions[key]
    if shared > 48 * 1024:
        check(
            driver().cuFuncSetAttribute(f, 8, shared), f"{entry}: {shared} bytes of shared memory"
        )
    return f


WIDTHS = {"float32": 4, "bfloat16": 2, "float16": 2}  # bytes of a tensor map's element; else 1


def encode(spec, address):
    """A CUtensorMap of {dims, strides, box, swizzle and dtype or bytes}, aligned to 64 bytes."""
    raw = ctypes.create_string_buffer(128 + 64)
    at = (ctypes.addressof(raw) + 63) & ~63
    rank = len(spec["dims"])
    u64, u32 = ctypes.c_uint64 * rank, ctypes.c_uint32 * rank
    width = spec["bytes"] if "bytes" in spec else WIDTHS.get(spec["dtype"], 1)
    kind = {4: 7, 2: 6, 1: 0}[width]  # float32, float16 (moves bits alike for bfloat16), uint8
    swizzle = {128: 3, 64: 2, 32: 1, 0: 0}[spec.get("swizzle", 128)]
    check(
        driver().cuTensorMapEncodeTiled(
            ctypes.c_void_p(at),
            kind,
            rank,
            ctypes.c_void_p(address or 256),
            u64(*spec["dims"]),
            (ctypes.c_uint64 * (rank - 1))(*spec["strides"]),
            u32(*spec["box"]),
            u32(*([1] * rank)),
            0,
            swizzle,
            3,
            0,
        ),
        f"tensor map {spec}",
    )
    return raw, at


class LaunchConfig(ctypes.Structure):
    _fields_ = [
        ("grid", ctypes.c_uint32 * 3),
        ("block", ctypes.c_uint32 * 3),
        ("shared", ctypes.c_uint32),
        ("stream", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("count", ctypes.c_uint32),
    ]


EARLY = (ctypes.c_int32 * 18)(6, 0, 1)  # a CUlaunchAttribute: programmatic stream serialization


def resolve(plan, tensors, scalars):
    """The arguments of each launch as pairs: ("tensor", name), ("map", map), ("int", value), ("float", value) or
    ("null", None). Raises KeyError for a tensor or scalar that was not given."""
    buffers = {b["name"] for b in plan["buffers"]}
    maps = {m["name"]: m for m in plan["maps"]}

    def tensor(name):
        if name not in buffers and tensors.get(name) is None:
            raise KeyError(f"{plan['definition']}: no tensor {name}")
        return name

    def argument(a):
        ((kind, value),) = a.items()
        if kind == "tensor":
            return kind, tensor(value)
        if kind == "map":
            tensor(maps[value]["tensor"])
            return kind, maps[value]
        if kind == "scalar":
            if value not in scalars:
                raise KeyError(f"{plan['definition']}: no scalar {value}")
            value = scalars[value]
            return ("float" if isinstance(value, float) else "int"), value
        if kind == "real":
            return "float", float(value.rstrip("f"))
        return ("int", value) if kind == "integer" else ("null", None)

    return [[argument(a) for a in l["arguments"]] for l in plan["launches"]]


class NotLaunched:
    """Stands for a Launcher where there is no GPU: the arguments are looked for and nothing runs."""

    def __init__(self, plan, tensors, scalars=()):
        self.arguments = resolve(plan, tensors, dict(scalars))

    def only(self, *entries):
        return self

    def __call__(self):
        pass


class Launcher:
    """A plan bound to tensors (torch, on the device) and scalars; call it to launch on torch's current stream."""

    def __init__(self, plan, tensors, scalars=()):
        import torch

        self.torch, self.keep, self.calls = torch, [tensors], []
        if not kdex.is_built(plan):
            kdex.build([plan])
            plan = kdex.ask(plan["request"])
        space = {
            b["name"]: torch.full((max(16, b["bytes"]),), 255, dtype=torch.uint8, device="cuda")
            for b in plan["buffers"]
        }
        self.space = space
        self.zeroed = [
            (space[b["name"]].data_ptr(), b["bytes"]) for b in plan["buffers"] if b["zeroed"]
        ]
        address = lambda n: (space[n] if n in space else tensors[n]).data_ptr()
        for l, arguments in zip(plan["launches"], resolve(plan, tensors, dict(scalars))):
            f = function(plan["units"][l["unit"]], l["entry"], l["shared"])
            holders = []
            for kind, v in arguments:
                if kind == "map":
                    raw, at = encode(v, address(v["tensor"]))
                    self.keep.append(raw)
                    holders.append(at)
                    continue
                if kind == "tensor":
                    h = ctypes.c_uint64(address(v))
                elif kind == "null":
                    h = ctypes.c_uint64(0)
                else:
                    h = ctypes.c_float(v) if kind == "float" else ctypes.c_int32(v)
                self.keep.append(h)
                holders.append(ctypes.addressof(h))
            params = (ctypes.c_void_p * len(holders))(*holders)
            self.calls.append((l["entry"], f, l["grid"], l["block"], l["shared"], params))
        # Kernels of such a plan wait for the launch before them.
        self.programmatic_launch = (
            plan["programmatic_launch"] and os.environ.get("KDEX_EARLY", "1") == "1"
        )

    def only(self, *entries):
        """Of the calls those of these entries, to time them; what they read must be there from a whole call."""
        part = copy.copy(self)
        part.calls, part.zeroed = [c for c in self.calls if c[0] in entries], []
        return part

    def __call__(self):
        stream = ctypes.c_void_p(self.torch.cuda.current_stream().cuda_stream)
        for at, count in self.zeroed:
            check(
                driver().cuMemsetD8Async(ctypes.c_void_p(at), 0, ctypes.c_size_t(count), stream),
                "memset",
            )
        for entry, f, grid, block, shared, params in self.calls:
            if 0 in grid:
                continue
            config = LaunchConfig(
                (ctypes.c_uint32 * 3)(*grid),
                (ctypes.c_uint32 * 3)(block, 1, 1),
                shared,
                stream,
                ctypes.addressof(EARLY),
                int(self.programmatic_launch),
            )
            check(driver().cuLaunchKernelEx(ctypes.byref(config), f, params, None), entry)
            if os.environ.get("KDEX_SYNC"):
                print(entry, grid, flush=True)
                check(driver().cuCtxSynchronize(), entry)
