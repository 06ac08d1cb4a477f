# What a release of SGLang has: driver_common.release, under the names that this driver uses.
from driver_common.release import (
    NoSuchStep,
    NotInRelease,
    call,
    find,
    module_of,
    need,
    parameters_of,
    required,
    run_all,
)

__all__ = [
    "NoSuchStep",
    "NotInRelease",
    "call",
    "find",
    "module_of",
    "need",
    "parameters_of",
    "required",
    "run_all",
]
