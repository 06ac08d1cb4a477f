# The machine's edge: devices, sockets, processes and compilers that are not there, and what stands in
# for each (README.md has the table).
import _kdex

from driver_common.platform import facts_of, show_torch
from driver_common.release import module_of, run_all

HERE = __file__.rpartition("/")[0] or "."


class Inert:
    """A communicator that never communicates."""

    disabled = True
    available = False

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self

    @classmethod
    def create_from_process_group(cls, *args, **kwargs):
        return cls()

    def change_state(self, *args, **kwargs):
        import contextlib

        return contextlib.nullcontext()


# Class or factory, by where GroupCoordinator looks for it.
COMMUNICATORS = (
    ("pynccl", "PyNcclCommunicator"),
    ("pymscclpp", "PyMscclppCommunicator"),
    ("torch_symm_mem", "TorchSymmMemCommunicator"),
    ("shm_broadcast", "MessageQueue"),
    ("quick_all_reduce", "QuickAllReduce"),
    ("custom_all_reduce", "CustomAllreduce"),
    ("custom_all_reduce", "dispatch_custom_allreduce"),
    ("pcie_ipc_ar", "PcieIpcCommunicator"),
)


# The compiler of the engine's own kernels, by where releases have it.
KERNEL_LOADERS = (
    "sglang.kernels.jit.utils.compile.loader",
    "sglang.kernels.jit.utils.compile",
    "sglang.jit_kernel.utils.compile",
    "sglang.jit_kernel.utils",
)


def prepare(platform):
    """Everything that does not depend on the checkpoint."""
    facts = facts_of(platform, HERE)
    show_torch(facts)

    patches = module_of("sglang.srt.utils.hf_transformers_patches")
    if patches is not None and hasattr(patches, "apply_all"):
        patches.apply_all()

    # Memory is asked of nvidia-smi in a process of its own; the answer is a platform fact.
    common = module_of("sglang.srt.utils.common") or module_of("sglang.srt.utils")
    mib = facts["total_memory"] // (1 << 20)
    for module in (common, module_of("sglang.srt.utils"), module_of("sglang.srt.server_args")):
        if module is not None and "get_nvgpu_memory_capacity" in vars(module):
            module.get_nvgpu_memory_capacity = lambda: mib
    if hasattr(common, "get_nvgpu_memory_capacity"):
        common.get_nvgpu_memory_capacity = lambda: mib

    base = "sglang.srt.distributed.device_communicators."
    for file, name in COMMUNICATORS:
        module = module_of(base + file)
        if module is not None and hasattr(module, name):
            setattr(module, name, Inert)
    for name in KERNEL_LOADERS:
        module = module_of(name)
        if module is not None and hasattr(module, "load_jit"):
            module.load_jit = lambda *args, **kwargs: _kdex.unknown(
                "a kernel that load_jit compiles"
            )
            break
    if module_of("vllm") is not None:
        import torch

        # A question that vLLM's compiled operators answer from the device's capability.
        torch.ops._C.cutlass_scaled_mm_supports_fp8 = lambda capability: capability >= 89
    run_all(
        "sglang.srt.utils.hf_transformers.common"
        if module_of("sglang.srt.utils.hf_transformers") is not None
        else "sglang.srt.utils.hf_transformers_utils"
    )
