"""Runs core/engine/sglang/driver.py under CPython with an installed torch on its meta device: ground truth for kdex.

A development tool. SGLang and Transformers come from the source roots, torch and what else is installed from the
folders of --site (or of this Python); a package of packages.json that is not installed gives unknowns, as in the
machine. The device is torch's own CPU build, told that it is the platform's GPU; process groups are torch's fake ones.

usage: torch_harness.py --source DIR... [--site DIR]... --jobs FILE --out DIR [--seconds N]

FILE has a JSON list of {"name", "checkpoint", "tp", "ep", "attention_dp", "platform", "engine_args"}; DIR/NAME.json is
written for each in the form of `kdex modules --format json`. Each runs in a process forked from one that has imported SGLang.
"""

import argparse
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import os
import signal
import sys
import time
import traceback
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import cpython_harness as harness  # noqa: E402


class Missing:
    """The last finder: a declared package that is not installed here; of some, one module stands in `instead`."""

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        instead = os.path.join(harness.ENGINE, "instead", name + ".py")
        if top in harness.packages["modules"] and os.path.exists(instead):
            return importlib.util.spec_from_file_location(name, instead)
        if top in harness.packages["modules"] and (
            name == top or isinstance(sys.modules.get(top), harness.UnknownModule)
        ):
            return importlib.machinery.ModuleSpec(name, harness._Loader(), is_package=True)
        return None


def device(facts):
    """torch's CUDA questions, answered by the platform."""
    import torch

    properties = types.SimpleNamespace(
        name=facts["name"],
        major=facts["capability"][0],
        minor=facts["capability"][1],
        total_memory=facts["total_memory"],
        multi_processor_count=facts["multi_processor_count"],
        warp_size=32,
        gcnArchName="",
        shared_memory_per_block_optin=232448,
        shared_memory_per_multiprocessor=233472,
        L2_cache_size=62914560,
        max_threads_per_multi_processor=2048,
        regs_per_multiprocessor=65536,
        is_integrated=False,
        uuid="00000000-0000-0000-0000-000000000000",
    )
    cuda = torch.cuda
    answers = {
        "is_available": True,
        "device_count": facts["device_count"],
        "current_device": 0,
        "get_device_capability": tuple(facts["capability"]),
        "get_device_name": facts["name"],
        "get_device_properties": properties,
        "mem_get_info": (facts["total_memory"], facts["total_memory"]),
        "is_initialized": True,
        "set_device": None,
        "synchronize": None,
        "empty_cache": None,
        "init": None,
        "_lazy_init": None,
        "is_bf16_supported": True,
        "memory_allocated": 0,
        "memory_reserved": 0,
        "current_stream": harness.Unknown("stream"),
        "Stream": harness.Unknown("stream"),
        "Event": harness.Unknown("event"),
        "is_current_stream_capturing": False,
    }
    for name, answer in answers.items():
        if isinstance(answer, harness.Unknown) and name[0].isupper():
            setattr(
                cuda,
                name,
                type(name, (harness.UnknownBase,), {"__init__": lambda self, *a, **k: None}),
            )
        else:
            setattr(cuda, name, lambda *a, _answer=answer, **k: _answer)
    torch.version.cuda = facts["cuda"]
    torch._C._cuda_getDeviceCount = lambda: facts["device_count"]

    def fake(op, func=None, /, *, register=torch.library.register_fake, **kwargs):
        """Kernels of a package that is not installed are asked for nothing."""

        def made(f):
            try:
                return register(op, f, **kwargs)
            except RuntimeError as e:
                if "does not exist" not in str(e):
                    raise
                return f

        return made if func is None else made(func)

    torch.library.register_fake = fake

    from torch.overrides import TorchFunctionMode

    class OnCpu(TorchFunctionMode):
        """What is asked to lie on the GPU lies in memory."""

        def __torch_function__(self, function, types, args=(), kwargs=None):
            def here(v):
                if (
                    isinstance(v, str)
                    and v.split(":")[0] == "cuda"
                    or isinstance(v, torch.device)
                    and v.type == "cuda"
                    or isinstance(v, int)
                    and not isinstance(v, bool)
                ):
                    return torch.device("cpu")
                return v

            kwargs = {k: here(v) if k == "device" else v for k, v in (kwargs or {}).items()}
            if function is torch.Tensor.cuda:
                return args[0]
            if function is torch.Tensor.to:
                args = tuple(a if isinstance(a, int) else here(a) for a in args)
            return function(*args, **kwargs)

    OnCpu().__enter__()

    import torch.distributed as dist
    from torch.testing._internal.distributed.fake_pg import FakeStore

    begin, group = dist.init_process_group, dist.new_group

    def init_process_group(
        backend=None, init_method=None, timeout=None, world_size=-1, rank=-1, **k
    ):
        begin(backend="fake", store=FakeStore(), world_size=world_size, rank=rank)

    def new_group(ranks=None, timeout=None, backend=None, pg_options=None, **k):
        return group(ranks, backend="fake")

    dist.init_process_group, dist.new_group = init_process_group, new_group
    dist.distributed_c10d.init_process_group, dist.distributed_c10d.new_group = (
        init_process_group,
        new_group,
    )
    for name in ("barrier", "all_reduce", "broadcast"):
        setattr(dist, name, lambda *a, **k: None)


def install(roots, sites, facts):
    with open(os.path.join(harness.ENGINE, "packages.json")) as f:
        harness.packages = json.load(f)
    harness.models, versions, required = harness.declared_h(roots)
    harness.use_release(versions, required)
    sys.path[:0] = [*roots, *sites]
    sys.meta_path.append(Missing())
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")
    known = importlib.metadata.version

    def version(name):
        for n in (name, name.replace("_", "-"), name.lower().replace("_", "-")):
            if n in harness.packages["versions"]:
                return harness.packages["versions"][n]
        return known(name)

    importlib.metadata.version = version
    installed = importlib.metadata.packages_distributions
    importlib.metadata.packages_distributions = lambda: (
        {m: [d] for m, d in harness.packages["modules"].items()} | dict(installed())
    )
    kdex = harness._fake_kdex()
    kdex.is_unknown = lambda v: isinstance(v, harness.Unknown)
    sys.modules["_kdex"] = kdex
    import torch
    import torch._dynamo  # noqa: F401  (asks about the device when it is imported)

    device(facts)
    edge = types.ModuleType("torch._platform")
    edge.facts = {}
    sys.modules["torch._platform"] = edge
    torch._platform = edge
    spec = importlib.util.spec_from_file_location(
        "kdex_driver", os.path.join(harness.ENGINE, "driver.py")
    )
    driver = importlib.util.module_from_spec(spec)
    sys.modules["kdex_driver"] = driver
    spec.loader.exec_module(driver)
    return driver


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--source", action="append", required=True)
    ap.add_argument("--site", action="append", default=[])
    ap.add_argument("--jobs", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--seconds", type=int, default=120)
    a = ap.parse_args()
    with open(a.jobs) as f:
        jobs = json.load(f)
    os.makedirs(a.out, exist_ok=True)
    by_platform = {}
    for j in jobs:
        by_platform.setdefault(j.get("platform") or "h200", []).append(j)
    with open(os.path.join(harness.ENGINE, "platforms.json")) as f:
        platforms = json.load(f)
    for platform, mine in by_platform.items():
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            continue
        driver = install(a.source, a.site, platforms[platform])
        driver.prepare(platform)
        importlib.import_module("sglang.srt.models.registry")
        for j in mine:
            started = time.time()
            child = os.fork()
            if child:
                os.waitpid(child, 0)
                continue
            signal.alarm(a.seconds)
            try:
                request = {
                    "checkpoint": j["checkpoint"],
                    "tp": j.get("tp", 1),
                    "ep": j.get("ep", 1),
                    "attention_dp": j.get("attention_dp", 1),
                    "page_size": None,
                    "platform": platform,
                    "architectures": harness.models,
                    "engine_args": j.get("engine_args") or {},
                }
                result = driver.build(request)
                got = harness.to_json(result)
                if result.get("exception") is not None:
                    got["trace"] = traceback.format_exception(result["exception"])[-8:]
            except BaseException as e:
                got = {
                    "status": "harness",
                    "error_type": type(e).__name__,
                    "error": str(e),
                    "trace": traceback.format_exc().splitlines()[-12:],
                }
            with open(os.path.join(a.out, j["name"] + ".json"), "w") as f:
                json.dump(got, f, default=str)
            print(
                j["name"],
                got["status"],
                got.get("stage", ""),
                got.get("error_type", ""),
                str(got.get("error", ""))[:150].replace("\n", " "),
                f"{time.time() - started:.1f} s",
                flush=True,
            )
            os._exit(0)
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
