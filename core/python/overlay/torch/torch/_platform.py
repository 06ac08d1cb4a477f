# What the simulated machine answers. The engine's driver may change any entry before the model is built.
facts = {
    "available": True,
    "device_count": 8,
    "current_device": 0,
    "name": "NVIDIA H200",
    "capability": (9, 0),
    "total_memory": 150109880320,
    "multi_processor_count": 132,
    "max_threads_per_multi_processor": 2048,
    "warp_size": 32,
    "l2_cache_size": 62914560,
    "shared_memory_per_block": 49152,
    "shared_memory_per_block_optin": 232448,
    "shared_memory_per_multiprocessor": 233472,
    "regs_per_multiprocessor": 65536,
    "uuid": "00000000-0000-0000-0000-000000000000",
    "torch_version": "2.14.1",
    "cuda_version": "13.0",
    "hip_version": None,
    "cudnn_version": 92400,
    "nccl_version": (2, 30, 7),
    "driver_version": "580.159.04",
    "arch_list": ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"],
}
# The process's place in the world: as after init_process_group where `initialized`.
world = {"initialized": False, "rank": 0, "size": 1, "backend": "nccl"}
