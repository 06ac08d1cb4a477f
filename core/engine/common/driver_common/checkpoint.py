# The checkpoint's own files, as every engine finds them.


def read_json(path):
    import json

    try:
        with open(path) as f:
            return json.load(f)
    except (FileNotFoundError, NotADirectoryError):
        return None


def runs_remote_code(folder):
    """Whether the checkpoint's own Python is there for what its auto_map names."""
    import os

    config = read_json(folder + "/config.json")
    for target in ((config or {}).get("auto_map") or {}).values():
        for name in target if isinstance(target, (list, tuple)) else (target,):
            if (
                name
                and "--" not in name
                and not os.path.exists(folder + "/" + name.partition(".")[0] + ".py")
            ):
                return False
    return True
