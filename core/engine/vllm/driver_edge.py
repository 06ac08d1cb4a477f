# The machine's edge: devices, sockets, processes and compilers that are not there, and what stands in
# for each (README.md has the table).
import sys
import types

import _kdex

from driver_common.log import PACKAGES
from driver_common.platform import facts_of, show_torch
from driver_common.release import find, module_of, need
from driver_operators import NAMES

HERE = __file__.rpartition("/")[0] or "."
PACKAGES.insert(0, "vllm/")

# Questions that compiled operators answer from the device's capability.
CAPABLE = {
    "cutlass_scaled_mm_supports_fp8": lambda c: c >= 89,
    "cutlass_scaled_mm_supports_block_fp8": lambda c: c >= 90,
    "cutlass_scaled_mm_supports_fp4": lambda c: c >= 100,
    "cutlass_group_gemm_supported": lambda c: 90 <= c < 110,
    "mxfp4_experts_quant_supported": lambda c: 100 <= c < 110,
}


def _operators():
    """The operators of the compiled extensions."""
    import torch._ops as ops

    for space, names in NAMES.items():
        ops.installed[space] = set(names)
    for name, answer in CAPABLE.items():
        ops.entry("_C", name)["impl"]["CUDA"] = answer


def _driver_of_device(facts):
    """The engine's own copy of NVIDIA's bindings: what asks the driver answers from the facts."""
    nvml = module_of("vllm.third_party.pynvml")
    if nvml is None:
        return

    class Memory:
        total = free = facts["total_memory"]
        used = 0

    class Pci:
        busId = "00000000:00:00.0"

    nvml.nvmlInit = nvml.nvmlShutdown = lambda *args: None
    nvml.nvmlDeviceGetCount = lambda: facts["device_count"]
    nvml.nvmlDeviceGetHandleByIndex = lambda i: i
    nvml.nvmlDeviceGetHandleByUUID = lambda uuid: 0
    nvml.nvmlDeviceGetIndex = lambda handle: handle
    nvml.nvmlDeviceGetUUID = lambda handle: "GPU-" + str(handle)
    nvml.nvmlDeviceGetName = lambda handle: facts["name"]
    nvml.nvmlDeviceGetCudaComputeCapability = lambda handle: tuple(facts["capability"])
    nvml.nvmlDeviceGetMemoryInfo = lambda handle, *args: Memory
    nvml.nvmlDeviceGetP2PStatus = lambda a, b, index: nvml.NVML_P2P_STATUS_OK
    nvml.nvmlDeviceGetPciInfo = lambda handle, *args: Pci


def _compiled(name):
    """A compiled extension that some releases have: what it holds is unknown."""
    if module_of(name) is not None:
        return

    def __getattr__(attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _kdex.unknown(name + "." + attribute)

    made = types.ModuleType(name)
    made.__getattr__ = __getattr__
    sys.modules[name] = made


def _replace(module, names):
    """Puts functions in the place of a module's own, those that it has."""
    found = module_of(module)
    for name, value in names.items():
        if found is not None and hasattr(found, name):
            setattr(found, name, value)


def _ports(count=5, **kwargs):
    return list(range(29501, 29501 + count))


def prepare(platform):
    """Everything that does not depend on the checkpoint."""
    facts = facts_of(platform, HERE)
    show_torch(facts)
    _operators()
    _driver_of_device(facts)
    _compiled("vllm.third_party.deep_gemm._C")
    # What FlashInfer's own sources and a compiler on the machine would answer.
    _replace(
        "vllm.utils.flashinfer",
        {"has_flashinfer": lambda: True, "has_flashinfer_sm90_nope_mla": lambda: True},
    )
    _replace(
        "vllm.utils.network_utils",
        {"get_open_port": lambda *args, **kwargs: 29501, "get_open_ports_list": _ports},
    )
    # torch.compile's backend: nothing is compiled.
    wrapper = find("vllm.compilation.wrapper:TorchCompileWithNoGuardsWrapper")
    if wrapper is not None:
        wrapper.__init__ = lambda self, *args, **kwargs: None
    # What a kernel is compiled for is read from its own source; none is compiled.
    _replace(
        "vllm.model_executor.warmup.jit_warmup",
        {"_trace_compile_key_dispatch": lambda dispatch: None},
    )
    _registry()
    need("vllm.plugins:load_general_plugins")()


def _registry():
    """A model's class is looked at in this process, and nothing is kept of it on disk."""
    registry = module_of("vllm.model_executor.models.registry")
    registry._run_in_subprocess = lambda function: function()
    lazy = registry._LazyRegisteredModel
    for name, value in (
        ("_save_modelinfo_to_cache", lambda *args, **kwargs: None),
        ("_load_modelinfo_from_cache", lambda *args, **kwargs: None),
        ("_get_modelinfo_module_hash", staticmethod(lambda path: "")),
    ):
        if hasattr(lazy, name):
            setattr(lazy, name, value)


def without_communicators():
    """Groups of ranks without sockets, shared memory and devices; sizes and ranks are vLLM's own."""
    import contextlib

    groups = module_of("vllm.distributed.parallel_state")
    made = groups.GroupCoordinator.__init__
    if getattr(made, "is_replaced", False):
        return

    def __init__(self, *args, **kwargs):
        kwargs["use_device_communicator"] = False
        if "use_message_queue_broadcaster" in kwargs:
            kwargs["use_message_queue_broadcaster"] = False
        made(self, *args, **kwargs)

    __init__.is_replaced = True
    groups.GroupCoordinator.__init__ = __init__
    groups._node_count = lambda group: 1
    groups.suppress_stdout = contextlib.nullcontext  # it duplicates file descriptors
