# sysconfig.


def get_paths(*a, **k):
    return {
        "purelib": "/usr/lib/python3.11/site-packages",
        "platlib": "/usr/lib/python3.11/site-packages",
        "include": "/usr/include/python3.11",
    }


def get_path(name, *a, **k):
    return get_paths().get(name)


def get_config_var(name):
    return {"EXT_SUFFIX": ".cpython-311-x86_64-linux-gnu.so", "VERSION": "3.11"}.get(name)


def get_config_vars(*names):
    return {} if not names else [get_config_var(n) for n in names]


def get_platform():
    return "linux-x86_64"
