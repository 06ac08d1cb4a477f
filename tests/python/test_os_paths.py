# os.path and pathlib as text, os.environ, fspath, glob patterns.
from checks import assert_eq, assert_raises, finish
import os, os.path, pathlib, posixpath
from pathlib import Path, PurePath, PurePosixPath


p = os.path
assert_eq(p.join("a", "b", "/c", "d"), "/c/d")
assert_eq(p.join("a/", "b"), "a/b")
assert_eq(p.join("", "x"), "x")
assert_eq(p.join("a", ""), "a/")
assert_eq(p.split("/a/b/c.txt"), ("/a/b", "c.txt"))
assert_eq(p.split("x"), ("", "x"))
assert_eq(p.split("/"), ("/", ""))
assert_eq(p.basename("/a/b/"), "")
assert_eq(p.dirname("/a/b"), "/a")
assert_eq(p.splitext("a/b.tar.gz"), ("a/b.tar", ".gz"))
assert_eq(p.splitext(".bashrc"), (".bashrc", ""))
assert_eq(p.splitext("a.b/c"), ("a.b/c", ""))
assert_eq(p.isabs("/x"), True)
assert_eq(p.normpath("/a/./b/../c//d"), "/a/c/d")
assert_eq(p.normpath(""), ".")
assert_eq(p.normpath("../a/.."), "..")
assert_eq(p.commonpath(["/a/b/c", "/a/b/d"]), "/a/b")
assert_eq(p.commonprefix(["abc", "abd"]), "ab")
assert_eq(p.relpath("/a/b/c", "/a/d"), "../b/c")
assert_eq(p.sep, "/")
assert_eq(os.sep, "/")
assert_eq(p.expandvars("$KDEX_NO_SUCH/x"), "$KDEX_NO_SUCH/x")
assert_eq(p.abspath("/a/../b"), "/b")
assert_eq(p.normcase("A"), "A")
assert_raises(TypeError, "expected str, bytes or os.PathLike object, not int", p.join, 1)
assert_eq(p.exists("/no/such/file/here"), False)
assert_raises(
    FileNotFoundError,
    "[Errno 2] No such file or directory: '/no/such/file/here'",
    p.getsize,
    "/no/such/file/here",
)
assert_raises(
    FileNotFoundError,
    "[Errno 2] No such file or directory: '/no/such/file/here'",
    open,
    "/no/such/file/here",
)
assert_raises(
    FileNotFoundError,
    "[Errno 2] No such file or directory: '/no/such/dir'",
    os.listdir,
    "/no/such/dir",
)
assert_raises(TypeError, "expected str, bytes or os.PathLike object, not int", os.fspath, 3)
assert_raises(
    FileNotFoundError, "[Errno 2] No such file or directory: '/no/such'", os.stat, "/no/such"
)
os.environ["KDEX_T"] = "v"
assert_eq(os.environ["KDEX_T"], "v")
assert_eq(os.getenv("KDEX_T"), "v")
assert_eq(os.environ.get("KDEX_NONE", "d"), "d")
assert_eq("KDEX_T" in os.environ, True)
assert_eq(os.environ.pop("KDEX_T"), "v")
assert_eq(os.getenv("KDEX_T"), None)
assert_eq(os.getenv("KDEX_T", "5"), "5")
assert_eq(os.environ.setdefault("KDEX_S", "1"), "1")
del os.environ["KDEX_S"]
assert_raises(KeyError, "'KDEX_S'", lambda: os.environ["KDEX_S"])


def setbad():
    os.environ["X"] = 3


assert_raises(TypeError, "str expected, not int", setbad)
a = Path("/models/llama") / "config.json"
assert_eq(str(a), "/models/llama/config.json")
assert_eq(repr(a), "PosixPath('/models/llama/config.json')")
assert_eq(a.name, "config.json")
assert_eq(a.stem, "config")
assert_eq(a.suffix, ".json")
assert_eq(str(a.parent), "/models/llama")
assert_eq(a.parts, ("/", "models", "llama", "config.json"))
assert_eq(str(a.parent.parent), "/models")
assert_eq(str(a.with_suffix(".yaml")), "/models/llama/config.yaml")
assert_eq(str(a.with_name("x")), "/models/llama/x")
assert_eq(a.is_absolute(), True)
assert_eq(a == Path("/models/llama/config.json"), True)
assert_eq(a.as_posix(), "/models/llama/config.json")
assert_eq(os.fspath(a), "/models/llama/config.json")
assert_eq(list(map(str, a.parents)), ["/models/llama", "/models", "/"])
assert_eq(str(a.relative_to("/models")), "llama/config.json")
assert_eq(str(Path("a/./b//c")), "a/b/c")
assert_eq(str(Path("a") / "/b"), "/b")
assert_eq(str("x" / Path("y")), "x/y")
assert_eq(str(Path()), ".")
assert_eq(Path("a.tar.gz").suffixes, [".tar", ".gz"])
assert_eq(str(Path("a/b").joinpath("c", "d")), "a/b/c/d")
assert_eq(a.match("*.json"), True)
assert_eq(Path("a") < Path("b"), True)
assert_eq(hash(Path("a")) == hash(Path("a")), True)
assert_eq({Path("a"): 1}[Path("a")], 1)
assert_eq(isinstance(a, os.PathLike), True)
assert_eq(isinstance(a, PurePath), True)
assert_eq(type(PurePosixPath("a")).__name__, "PurePosixPath")
assert_eq(a.is_relative_to("/models"), True)
assert_eq(str(Path("a").with_stem("q")), "q")
assert_eq(
    str(sorted([Path("b"), Path("a/c"), Path("a")])),
    "[PosixPath('a'), PosixPath('a/c'), PosixPath('b')]",
)
assert_raises(
    ValueError,
    "'/models/llama/config.json' is not in the subpath of '/x' OR one path is relative and the other is absolute.",
    lambda: a.relative_to("/x"),
)
assert_raises(ValueError, "Invalid suffix 'bad'", lambda: Path("a").with_suffix("bad"))
assert_raises(
    FileNotFoundError,
    "[Errno 2] No such file or directory: '/no/such'",
    lambda: Path("/no/such").read_text(),
)
assert_eq(Path("/no/such").exists(), False)
assert_eq(Path("/no/such").is_dir(), False)
assert_raises(TypeError, "expected str, bytes or os.PathLike object, not int", lambda: Path(3))
assert_raises(
    TypeError, "unsupported operand type(s) for /: 'PosixPath' and 'int'", lambda: Path("a") / 3
)

finish(80)
