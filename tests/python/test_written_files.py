# What a program writes under the temporary folder it reads back; folders, appending, removal, the errors.
from checks import assert_eq, assert_noted, finish, note
import glob, io, json, os, pathlib, shutil, tempfile


def failure(f, *a, **k):
    """What the call gives or raises."""
    try:
        return ("ok", f(*a, **k))
    except OSError as e:
        return (type(e).__name__, e.errno, e.strerror)
    except Exception as e:
        return (type(e).__name__, str(e))


top = tempfile.mkdtemp(prefix="kdex-written-")
assert_eq(os.path.isdir(top), True)
assert_eq(os.listdir(top), [])
assert_eq(os.path.dirname(top) == tempfile.gettempdir(), True)
assert_eq(os.path.basename(top).startswith("kdex-written-"), True)
path = os.path.join(top, "a", "b", "config.json")
assert_eq(failure(open, path, "w"), ("FileNotFoundError", 2, "No such file or directory"))
os.makedirs(os.path.dirname(path), exist_ok=True)
os.makedirs(os.path.dirname(path), exist_ok=True)
assert_eq(failure(os.makedirs, os.path.dirname(path)), ("FileExistsError", 17, "File exists"))
assert_eq(
    failure(os.mkdir, os.path.join(top, "x", "y")),
    ("FileNotFoundError", 2, "No such file or directory"),
)
with open(path, "w") as f:
    assert_eq(json.dump({"hidden_size": 4096, "name": "é"}, f), None)
    assert_eq(f.name == path, True)
    assert_eq(f.mode, "w")
    assert_eq(f.writable(), True)
    assert_eq(f.readable(), False)
assert_eq(json.load(open(path)), {"hidden_size": 4096, "name": "é"})
assert_eq(os.path.exists(path), True)
assert_eq(os.path.isfile(path), True)
assert_eq(os.path.getsize(path), 39)
assert_eq(os.stat(path).st_size, 39)
assert_eq(os.listdir(top), ["a"])
assert_eq(sorted(glob.glob(top + "/*/*/*.json")) == [path], True)
assert_eq(
    [(d[len(top) :], s, n) for d, s, n in os.walk(top)],
    [("", ["a"], []), ("/a", ["b"], []), ("/a/b", [], ["config.json"])],
)
with open(path, "a") as f:
    f.write("\nmore\n")
    f.flush()
    assert_eq(len(open(path).read().splitlines()), 2)
assert_eq(open(path, "rb").read()[-6:], b"\nmore\n")
assert_eq([l.rstrip() for l in open(path)][-1], "more")
with open(path, "r+") as f:
    f.write("[")
    f.seek(0)
    assert_eq(f.read(4), '["hi')
    f.truncate(2)
assert_eq(open(path).read(), '["')
assert_eq(failure(open, path, "x"), ("FileExistsError", 17, "File exists"))
assert_eq(failure(open, top, "w"), ("IsADirectoryError", 21, "Is a directory"))
assert_eq(failure(lambda: open(path, "w").read()), ("UnsupportedOperation", None, None))
assert_eq(
    failure(open, os.path.join(top, "none"), "r+"),
    ("FileNotFoundError", 2, "No such file or directory"),
)
with open(path, "wb") as f:
    assert_eq(f.write(b"\x00\xff"), 2)
    assert_eq(f.tell(), 2)
assert_eq(open(path, "rb").read(), b"\x00\xff")
assert_eq(
    failure(lambda: open(path, "w").write(b"x")),
    ("TypeError", "write() argument must be str, not bytes"),
)
assert_eq(
    failure(lambda: open(path, "wb").write("x")),
    ("TypeError", "a bytes-like object is required, not 'str'"),
)
p = pathlib.Path(top) / "c"
p.mkdir()
p.mkdir(exist_ok=True)
assert_eq(failure(p.mkdir), ("FileExistsError", 17, "File exists"))
(p / "t.txt").write_text("one")
assert_eq((p / "t.txt").read_text(), "one")
assert_eq((p / "u.bin").write_bytes(b"12"), 2)
assert_eq(sorted(n.name for n in p.iterdir()), ["t.txt", "u.bin"])
(p / "v").touch()
(p / "v").touch()
assert_eq(failure((p / "q" / "r").mkdir), ("FileNotFoundError", 2, "No such file or directory"))
(p / "q" / "r").mkdir(parents=True)
os.rename(p / "t.txt", p / "w.txt")
assert_eq(sorted(os.listdir(p)), ["q", "u.bin", "v", "w.txt"])
assert_eq((p / "w.txt").read_text(), "one")
os.replace(p / "w.txt", p / "u.bin")
assert_eq((p / "u.bin").read_text(), "one")
assert_eq(failure(os.remove, p), ("IsADirectoryError", 21, "Is a directory"))
assert_eq(failure(os.rmdir, p), ("OSError", 39, "Directory not empty"))
assert_eq(failure(os.remove, p / "none"), ("FileNotFoundError", 2, "No such file or directory"))
os.remove(p / "u.bin")
(p / "v").unlink()
assert_eq(failure((p / "v").unlink), ("FileNotFoundError", 2, "No such file or directory"))
(p / "v").unlink(missing_ok=True)
os.rmdir(p / "q" / "r")
assert_eq(os.listdir(p), ["q"])
with tempfile.NamedTemporaryFile(mode="w+", suffix=".json") as f:
    json.dump([1], f)
    f.flush()
    assert_eq(json.load(open(f.name)), [1])
    assert_eq(f.name.endswith(".json"), True)
    assert_eq(os.path.exists(f.name), True)
    kept = f.name
assert_eq(os.path.exists(kept), False)
with tempfile.TemporaryDirectory() as d:
    open(os.path.join(d, "n"), "w").close()
    assert_eq(os.listdir(d), ["n"])
    assert_eq(os.path.isdir(d), True)
for mode in ("w", "r", "wb", "rb", "r+b", "a"):
    with open(path, mode) as f:
        note(repr(f).replace(top, "TOP"))
assert_noted(
    ("<_io.TextIOWrapper name='TOP/a/b/config.json' mode='w' encoding='UTF-8'>",),
    ("<_io.TextIOWrapper name='TOP/a/b/config.json' mode='r' encoding='UTF-8'>",),
    ("<_io.BufferedWriter name='TOP/a/b/config.json'>",),
    ("<_io.BufferedReader name='TOP/a/b/config.json'>",),
    ("<_io.BufferedRandom name='TOP/a/b/config.json'>",),
    ("<_io.TextIOWrapper name='TOP/a/b/config.json' mode='a' encoding='UTF-8'>",),
)
assert_eq(os.path.isdir(d), False)
shutil.rmtree(top)
assert_eq(os.path.exists(top), False)
assert_eq(os.path.exists(path), False)
assert_eq(failure(shutil.rmtree, top), ("FileNotFoundError", 2, "No such file or directory"))
shutil.rmtree(top, ignore_errors=True)
assert_eq(failure(os.listdir, top), ("FileNotFoundError", 2, "No such file or directory"))

finish(64)
