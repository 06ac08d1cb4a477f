"""Runs core/engine/sglang/driver.py under CPython, as the machine would run it.

A development tool: it serves torch and other modelled packages from core/python/overlay, the engine
from source roots, and gives unknown modules for packages that packages.json declares installed.
Anything else outside the standard library is ModuleNotFoundError.

usage: python3 -I -S cpython_harness.py --source DIR... --checkpoint DIR [--tp N] [--ep N]
       [--attention-dp N] [--platform NAME] [--engine-arg K=V]... [--out FILE] [--trace]
"""

import argparse
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import os
import sys
import sysconfig
import types

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
ENGINE = os.path.join(ROOT, "core", "engine", "sglang")
OVERLAY = [os.path.join(ROOT, "core", "python", "overlay", part) for part in ("torch", "packages")]
OVERLAY.append(os.path.join(ROOT, "core", "engine", "common"))  # what drivers share
OVERLAY.append(ENGINE)  # the driver's parts

assumptions = []
_seen = set()


def _assume(reason, side="False"):
    f = sys._getframe(2)
    while f is not None and f.f_code.co_filename == __file__:
        f = f.f_back
    at = (f.f_code.co_filename, f.f_lineno, reason) if f else ("?", 0, reason)
    if at not in _seen:
        _seen.add(at)
        assumptions.append({"file": at[0], "line": at[1], "reason": reason, "side": side})


class UnknownBase:
    """What a class that derives from an unknown has as its base."""

    def __init__(self, *a, **k):
        pass

    def __init_subclass__(cls, **k):
        pass

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unknown(type(self).__name__ + "()." + name)


class Unknown:
    def __init__(self, why):
        object.__setattr__(self, "_why", why)

    def __repr__(self):
        return f"<unknown {self._why}>"

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__") and name != "__version__":
            raise AttributeError(name)
        return Unknown(f"{self._why}.{name}")

    def __setattr__(self, name, value):
        pass

    def __call__(self, *a, **k):
        return Unknown(self._why + "()")

    def __bool__(self):
        _assume(self._why)
        return False

    def __mro_entries__(self, bases):
        return (UnknownBase,)

    def __getitem__(self, key):
        return Unknown(self._why + "[]")

    def __setitem__(self, key, value):
        pass

    def __contains__(self, x):
        _assume(self._why)
        return False

    def __iter__(self):
        _assume("iteration over " + self._why, "empty")
        return iter(())

    def __enter__(self):
        return Unknown(self._why + ".__enter__()")

    def __exit__(self, *a):
        return False

    def __instancecheck__(self, x):
        return False

    def __subclasscheck__(self, x):
        return False

    def __hash__(self):
        return id(self)

    def __or__(self, o):
        return Unknown(self._why + "|")

    __ror__ = __or__

    def __fspath__(self):
        return "/unknown"

    def __index__(self):
        raise TypeError(f"unknown {self._why} where an integer is needed")


def _operator(name):
    def f(self, *a):
        return Unknown(f"{self._why}.{name}")

    return f


for _n in (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow lt le gt ge eq ne neg "
    "and rand xor lshift rshift matmul"
).split():
    setattr(Unknown, f"__{_n}__", _operator(_n))


class UnknownModule(types.ModuleType):
    def __call__(self, *a, **k):
        return Unknown(self.__name__ + "()")

    def __getattr__(self, name):
        if name == "__version__":
            return packages["versions"].get(
                packages["modules"].get(self.__name__, self.__name__), "0"
            )
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unknown(f"{self.__name__}.{name}")


torch_gaps, _own_getattr = {}, {}


class TorchModule(types.ModuleType):
    """A module of the overlay's torch: a name that it lacks is unknown here and listed as a gap.

    CPython runs every module whole, so it asks for more of torch than the machine does.
    """

    def __getattr__(self, name):
        if (
            name.startswith("__")
            and name.endswith("__")
            or f"{self.__name__}.{name}"
            in ("torch.npu", "torch.hpu", "torch.musa", "torch.version.musa")
        ):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        own = _own_getattr.get(self.__name__)
        if own is not None:
            try:
                return own(name)
            except AttributeError:
                pass
        f = sys._getframe(1)
        torch_gaps.setdefault(f"{self.__name__}.{name}", f"{f.f_code.co_filename}:{f.f_lineno}")
        return Unknown(f"{self.__name__}.{name}")


class _TorchLoader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        super().exec_module(module)
        own = vars(module).pop("__getattr__", None)
        if own is not None:
            _own_getattr[module.__name__] = own
        module.__class__ = TorchModule


class _Loader(importlib.abc.Loader):
    def create_module(self, spec):
        m = UnknownModule(spec.name)
        return m

    def exec_module(self, module):
        pass


class Finder(importlib.abc.MetaPathFinder):
    """The order of the machine: overlay, sources, installed, nothing."""

    def __init__(self, roots):
        self.roots = roots

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names:
            return None
        if name == "typing_extensions":  # the overlay's stands on the overlay's typing
            site = sysconfig.get_paths()["purelib"]
            for at in (
                os.path.join(site, "typing_extensions.py"),
                os.path.join(site, "pip", "_vendor", "typing_extensions.py"),
            ):
                if os.path.exists(at):
                    return importlib.util.spec_from_file_location(name, at)
        if name == top:
            spec = importlib.machinery.PathFinder.find_spec(name, [*OVERLAY, *self.roots])
            if spec is not None and spec.loader is not None:
                return self.torch(spec)
        elif path or top == "torch":
            spec = importlib.machinery.PathFinder.find_spec(name, path or [])
            if spec is not None and spec.origin is not None:
                return self.torch(spec)
            if top == "torch":
                torch_gaps.setdefault(name, "import")
                gap = importlib.machinery.ModuleSpec(name, _Loader(), is_package=True)
                gap.submodule_search_locations = (
                    list(spec.submodule_search_locations or ()) if spec is not None else []
                )
                return gap
            if top not in packages["modules"]:
                return None
        if top in packages["modules"]:
            return importlib.machinery.ModuleSpec(name, _Loader(), is_package=True)
        return None

    def torch(self, spec):
        if spec.name.partition(".")[0] == "torch" and spec.origin and True:
            spec.loader = _TorchLoader(spec.name, spec.origin)
        return spec


def _fake_kdex():
    k = types.ModuleType("_kdex")
    k.Unknown, k.unknown = Unknown, Unknown
    k.is_unknown = lambda v: isinstance(v, Unknown)
    k.setting = lambda name, value: value
    k.environ = os.environ
    k.modules = sys.modules
    k.import_module = importlib.import_module
    k.module_exists = lambda n: importlib.util.find_spec(n) is not None
    k.dist_version = lambda n: packages["versions"].get(n)

    def list_modules(folder):
        out = []
        for n in sorted(os.listdir(folder)):
            if n.endswith(".py") and n != "__init__.py":
                out.append((n[:-3], False))
            elif os.path.exists(os.path.join(folder, n, "__init__.py")):
                out.append((n, True))
        return out

    def frame(n):
        return sys._getframe(n + 2)

    k.list_modules = list_modules
    k.caller_module = lambda n: frame(n).f_globals["__name__"]
    k.caller_globals = lambda n: frame(n).f_globals

    def eval_annotation(text, where, locals=None):
        g = sys.modules[where].__dict__ if isinstance(where, str) else where
        return eval(text, g, locals)

    k.eval_annotation = eval_annotation
    k.current_exception = lambda n: sys.exc_info()[1]
    k.fs_read = lambda p: open(p, "rb").read()
    k.fs_listdir = lambda p: sorted(os.listdir(p))
    k.digest = lambda name, data: __import__("hashlib").new(name, data).digest()

    def regex_info(pattern, flags):
        import re

        c = re.compile(pattern, flags)
        return c.flags, c.groups, dict(c.groupindex)

    def regex_match(pattern, flags, text, pos, endpos, mode):
        import re

        c = re.compile(pattern, flags)
        m = (c.search if mode in (0, 3) else c.match if mode == 1 else c.fullmatch)(
            text, pos, endpos
        )
        return None if m is None else [m.span(i) for i in range(c.groups + 1)]

    def fs_stat(p):
        if not os.path.exists(p):
            return None
        s = os.stat(p)
        return os.path.isdir(p), s.st_size, s.st_mtime

    k.regex_info, k.regex_match, k.fs_stat = regex_info, regex_match, fs_stat
    k.json_loads = json.loads
    import struct

    kinds = {2: "e", 4: "f", 8: "d"}
    k.float_pack = lambda v, size, little: struct.pack(("<" if little else ">") + kinds[size], v)
    k.float_unpack = lambda data, little: struct.unpack(
        ("<" if little else ">") + kinds[len(data)], data
    )[0]
    k.stdout_write, k.stderr_write = sys.stdout.write, sys.stderr.write
    return k


def declared_h(roots):
    """What core/engine/declared.cpp says of the roots: (architecture -> module, distribution -> version)."""
    import subprocess
    import tempfile

    with open(os.path.join(ENGINE, "engine.json")) as f:
        engine = json.load(f)
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), "kdex-harness-declared")
    os.makedirs(folder, exist_ok=True)
    root = os.path.normpath(os.path.join(ENGINE, "..", "..", ".."))
    program = os.path.join(folder, "declared")
    source = os.path.join(root, "core", "engine", "declared.cpp")
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        extras = ", ".join(f'"{e}"' for e in engine["serving_extras"])
        models, package = engine["models"], engine["package"]
        dotted, assigned = models.replace("/", "."), engine["assigned"]
        with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=folder) as f:
            f.write(
                f'#include "{source}"\n#include <iostream>\nusing namespace kdex::engine;'
                " int main(int n, char** v) { std::vector<std::string> roots(v + 1, v + n);"
                " std::map<std::string, std::string> known; for (std::string a, b; std::cin >> a >> b;) known[a] = b;"
                f' for (auto& r : roots) for (auto& m : assigned_models(r + "/{models}", "{dotted}", "{assigned}"))'
                ' std::cout << "m " << m.architecture << " " << m.module << "\\n";'
                f' auto p = read_packaging(roots, known, "{package}", {{{extras}}});'
                ' for (auto& a : p.required) std::cout << "r " << a << " -\\n";'
                ' for (auto& [a, b] : p.versions) std::cout << "v " << a << " " << b << "\\n"; }\n'
            )
            f.flush()
            subprocess.run(
                ["g++", "-std=c++20", "-O1", "-I", root, f.name, "-o", program], check=True
            )
    given = "".join(f"{a} {b}\n" for a, b in packages["versions"].items())
    text = subprocess.run(
        [program, *roots], input=given, capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(" ", 2) for line in text.splitlines()]
    models = {}
    for kind, a, b in rows:
        if kind == "m":
            models.setdefault(a, b)
    return (
        models,
        {a: b for kind, a, b in rows if kind == "v"},
        {a for kind, a, _ in rows if kind == "r"},
    )


def use_release(versions, required):
    """What the roots' packaging says of versions, and of packages that count as installed only where required."""
    packages["versions"].update(versions)
    for name in packages["where_required"] if required else ():
        if packages["modules"][name] not in required:
            packages["versions"].pop(packages["modules"].pop(name), None)


def install(roots):
    global packages
    with open(os.path.join(ENGINE, "packages.json")) as f:
        packages = json.load(f)
    global models
    models, versions, required = declared_h(roots)
    use_release(versions, required)
    sys.pycache_prefix = os.path.join(os.environ.get("TMPDIR", "/tmp"), "kdex-harness-pyc")
    sys.path[:] = [p for p in sys.path if "site-packages" not in p]
    for name in [
        n
        for n in sys.modules
        if n.partition(".")[0] not in sys.stdlib_module_names and n != "__main__"
    ]:
        if name != __name__ and not name.startswith("_"):
            del sys.modules[name]
    sys.modules["_kdex"] = _fake_kdex()
    sys.meta_path.insert(0, Finder(roots))

    def version(name):
        for n in (name, name.replace("_", "-"), name.lower().replace("_", "-")):
            if n in packages["versions"]:
                return packages["versions"][n]
        raise importlib.metadata.PackageNotFoundError(name)

    importlib.metadata.version = version
    importlib.metadata.entry_points = lambda **k: ()
    importlib.metadata.packages_distributions = lambda: (
        {m: [d] for m, d in packages["modules"].items()}
        | {
            n: [n]
            for n in (
                "torch",
                "numpy",
                "pydantic",
                "transformers",
                "huggingface_hub",
                "packaging",
                "tqdm",
            )
        }
    )
    importlib.metadata.distribution = lambda n: types.SimpleNamespace(
        version=version(n), metadata={"Version": version(n), "Name": n}
    )
    plain = json.JSONEncoder.default
    json.JSONEncoder.default = lambda self, o: repr(o) if isinstance(o, Unknown) else plain(self, o)
    spec = importlib.util.spec_from_file_location("kdex_driver", os.path.join(ENGINE, "driver.py"))
    driver = importlib.util.module_from_spec(spec)
    sys.modules["kdex_driver"] = driver
    spec.loader.exec_module(driver)
    return driver


# ---- what the C++ side does with the live result ----

SKIP = {"_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "training"}


def value(v, depth=0):
    import enum
    import functools

    torch = sys.modules.get("torch")
    if v is None or isinstance(v, (bool, int, float, str)) and not isinstance(v, enum.Enum):
        return v
    if isinstance(v, enum.Enum):
        return f"{type(v).__name__}.{v.name}"
    if isinstance(v, Unknown):
        return repr(v)
    if (
        torch is not None
        and isinstance(torch, types.ModuleType)
        and not isinstance(torch, UnknownModule)
    ):
        if isinstance(v, torch.dtype):
            return str(v).removeprefix("torch.")
        if isinstance(v, torch.Tensor):
            return f"Tensor{[int(x) for x in v.shape]}:{str(v.dtype).removeprefix('torch.')}"
        if isinstance(v, torch.nn.Module):
            return {"class": type(v).__name__, "attrs": {}}
    if isinstance(v, (list, tuple, set, frozenset)):
        return [value(x, depth + 1) for x in list(v)[:64]]
    if isinstance(v, functools.partial):
        return {"class": "partial", "attrs": {}}
    if isinstance(v, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return v.__qualname__
    if isinstance(v, type):
        return v.__name__
    if isinstance(v, dict):
        return (
            {str(k): value(x, depth + 1) for k, x in list(v.items())[:64]}
            if depth == 0
            else {"class": "dict", "attrs": {}}
        )
    attrs = {}
    if depth == 0:
        own = getattr(v, "__dict__", None) or {
            n: getattr(v, n, None) for n in getattr(type(v), "__struct_fields__", ())
        }
        if len(own) <= 64:
            for n, x in own.items():
                if not n.startswith("__"):
                    attrs[n] = value(x, 1)
    return {"class": type(v).__name__, "attrs": attrs}


def tensor(t):
    return [[int(x) for x in t.shape], str(t.dtype).removeprefix("torch.")]


def to_json(result):
    if result["status"] != "ok":
        return {k: v for k, v in result.items() if k != "exception"}
    out = {
        k: v
        for k, v in result.items()
        if k not in ("modules", "model", "model_config", "exception")
    }
    modules = []
    for path, m in result["modules"]:
        attrs = {}
        for cls in reversed(type(m).__mro__):
            for n, v in vars(cls).items():
                if not n.startswith("__") and (
                    v is None or isinstance(v, (bool, int, float, str, tuple, list))
                ):
                    attrs[n] = value(v)
        for n, v in m.__dict__.items():
            if n not in SKIP:
                attrs[n] = value(v)
        for n, b in m.__dict__["_buffers"].items():
            attrs[n] = value(b)
        for n, c in m.__dict__["_modules"].items():
            attrs[n] = {"class": type(c).__name__, "attrs": {}} if c is not None else None
        if "Norm" in type(m).__name__ and "hidden_size" not in attrs:
            attrs["hidden_size"] = attrs.get("normalized_shape")
        modules.append(
            {
                "path": path,
                "class": type(m).__name__,
                "module": type(m).__module__,
                "params": {
                    n: tensor(p) for n, p in m.__dict__["_parameters"].items() if p is not None
                },
                "attrs": attrs,
            }
        )
    out["modules"] = modules
    out["resolved"] = {k: value(v) for k, v in result["resolved"].items()}
    out["dtype"] = value(result["dtype"])
    out["assumptions"] = assumptions
    return out


def request_of(a):
    args = dict(x.split("=", 1) for x in a.engine_arg)
    return {
        "checkpoint": os.path.abspath(a.checkpoint),
        "tp": a.tp,
        "ep": a.ep,
        "attention_dp": a.attention_dp,
        "page_size": None,
        "platform": a.platform,
        "engine_args": args,
        "architectures": models,
    }


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--source", action="append", required=True)
    ap.add_argument("--checkpoint", required=True)
    ap.add_argument("--tp", type=int, default=1)
    ap.add_argument("--ep", type=int, default=1)
    ap.add_argument("--attention-dp", type=int, default=1)
    ap.add_argument("--platform", default="h200")
    ap.add_argument("--engine-arg", action="append", default=[])
    ap.add_argument("--out")
    ap.add_argument("--trace", action="store_true")
    a = ap.parse_args()
    driver = install(a.source)
    result = driver.build(request_of(a))
    if a.trace and result.get("exception") is not None:
        import traceback

        traceback.print_exception(result["exception"])
    if a.trace and torch_gaps:
        print("torch lacks:", ", ".join(sorted(torch_gaps)))
    text = json.dumps(to_json(result), indent=1, default=str)
    if a.out:
        with open(a.out, "w") as f:
            f.write(text)
    print(
        {
            k: v
            for k, v in result.items()
            if k in ("status", "stage", "error_type", "error", "architecture", "model_class")
        },
        len(result.get("modules", ())),
        "modules,",
        len(assumptions),
        "assumptions",
    )


if __name__ == "__main__":
    main()
