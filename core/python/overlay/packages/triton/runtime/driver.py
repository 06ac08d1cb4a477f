# triton.runtime.driver: what host code asks of the device.
import _kdex
import torch._platform as _edge
from triton.backends.compiler import GPUTarget


class _Utils:
    @staticmethod
    def get_device_properties(device):
        """What cuDeviceGetAttribute says of the device; bytes a block may have as shared memory."""
        facts = _edge.facts
        return {
            "max_shared_mem": facts["shared_memory_per_block_optin"],
            "max_num_regs": facts["regs_per_multiprocessor"],
            "multiprocessor_count": facts["multi_processor_count"],
            "warpSize": facts["warp_size"],
            "sm_clock_rate": _kdex.unknown("the device's clock rate"),
            "mem_clock_rate": _kdex.unknown("the device's memory clock rate"),
            "mem_bus_width": _kdex.unknown("the device's memory bus width"),
        }

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _kdex.unknown("triton.runtime.driver.active.utils." + name)


class _Active:
    utils = _Utils()

    @staticmethod
    def get_current_device():
        return _edge.facts["current_device"]

    @staticmethod
    def get_current_target():
        if not _edge.facts["available"]:
            raise RuntimeError("0 active drivers ([]). There should only be one.")
        major, minor = _edge.facts["capability"]
        return GPUTarget("cuda", 10 * major + minor, _edge.facts["warp_size"])

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _kdex.unknown("triton.runtime.driver.active." + name)


class DriverConfig:
    def __init__(self):
        self.active = self.default = _Active()


driver = DriverConfig()
