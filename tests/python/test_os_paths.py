# os.path and pathlib as text, os.environ, fspath, glob patterns.
import os, os.path, pathlib, posixpath
from pathlib import Path, PurePath, PurePosixPath


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except Exception as e:
        print(type(e).__name__ + ":", e)


p = os.path
print(
    p.join("a", "b", "/c", "d"),
    p.join("a/", "b"),
    p.join("", "x"),
    p.join("a", ""),
    p.split("/a/b/c.txt"),
    p.split("x"),
    p.split("/"),
    p.basename("/a/b/"),
    p.dirname("/a/b"),
    p.splitext("a/b.tar.gz"),
    p.splitext(".bashrc"),
    p.splitext("a.b/c"),
    p.isabs("/x"),
    p.normpath("/a/./b/../c//d"),
    p.normpath(""),
    p.normpath("../a/.."),
    p.commonpath(["/a/b/c", "/a/b/d"]),
    p.commonprefix(["abc", "abd"]),
    p.relpath("/a/b/c", "/a/d"),
    p.sep,
    os.sep,
    p.expandvars("$KDEX_NO_SUCH/x"),
    p.abspath("/a/../b"),
    p.normcase("A"),
)
err(p.join, 1)
err(p.exists, "/no/such/file/here")
err(p.getsize, "/no/such/file/here")
err(open, "/no/such/file/here")
err(os.listdir, "/no/such/dir")
err(os.fspath, 3)
err(os.stat, "/no/such")
os.environ["KDEX_T"] = "v"
print(
    os.environ["KDEX_T"],
    os.getenv("KDEX_T"),
    os.environ.get("KDEX_NONE", "d"),
    "KDEX_T" in os.environ,
    os.environ.pop("KDEX_T"),
    os.getenv("KDEX_T"),
    os.getenv("KDEX_T", "5"),
    os.environ.setdefault("KDEX_S", "1"),
)
del os.environ["KDEX_S"]
err(lambda: os.environ["KDEX_S"])


def setbad():
    os.environ["X"] = 3


err(setbad)
a = Path("/models/llama") / "config.json"
print(
    a,
    repr(a),
    a.name,
    a.stem,
    a.suffix,
    a.parent,
    a.parts,
    str(a.parent.parent),
    a.with_suffix(".yaml"),
    a.with_name("x"),
    a.is_absolute(),
    a == Path("/models/llama/config.json"),
    a.as_posix(),
    os.fspath(a),
    list(map(str, a.parents)),
    a.relative_to("/models"),
    Path("a/./b//c"),
    Path("a") / "/b",
    "x" / Path("y"),
    Path(),
    Path("a.tar.gz").suffixes,
    Path("a/b").joinpath("c", "d"),
    a.match("*.json"),
    Path("a") < Path("b"),
    hash(Path("a")) == hash(Path("a")),
    {Path("a"): 1}[Path("a")],
    isinstance(a, os.PathLike),
    isinstance(a, PurePath),
    type(PurePosixPath("a")).__name__,
    a.is_relative_to("/models"),
    Path("a").with_stem("q"),
    sorted([Path("b"), Path("a/c"), Path("a")]),
)
err(lambda: a.relative_to("/x"))
err(lambda: Path("a").with_suffix("bad"))
err(lambda: Path("/no/such").read_text())
print(Path("/no/such").exists(), Path("/no/such").is_dir())
err(lambda: Path(3))
err(lambda: Path("a") / 3)
