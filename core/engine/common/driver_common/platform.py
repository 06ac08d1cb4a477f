# The device that is not there: its facts, and torch's view of them.
import _kdex


def facts_of(platform, folder):
    """The facts of a platform: a dict of them, or a name in the engine folder's platforms.json."""
    if isinstance(platform, dict):
        return platform
    import json

    with open(folder + "/platforms.json") as f:
        known = json.load(f)
    if platform not in known or platform == "about":
        raise ValueError(
            f"unknown platform {platform!r}; known: " + ", ".join(k for k in known if k != "about")
        )
    return known[platform]


def show_torch(facts):
    """What torch says of the device."""
    import torch._platform as edge

    edge.facts.update(
        available=facts["device"] == "cuda",
        name=facts["name"],
        capability=tuple(facts["capability"]),
        total_memory=facts["total_memory"],
        multi_processor_count=facts["multi_processor_count"],
        device_count=facts["device_count"],
        cuda_version=facts["cuda"],
    )
    version = _kdex.dist_version("torch")
    if version:
        edge.facts["torch_version"] = version
