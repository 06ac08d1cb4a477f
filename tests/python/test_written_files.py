# What a program writes under the temporary folder it reads back; folders, appending, removal, the errors.
import glob, io, json, os, pathlib, shutil, tempfile


def err(f, *a, **k):
    try:
        print("ok", f(*a, **k))
    except OSError as e:
        print(type(e).__name__, e.errno, e.strerror)
    except Exception as e:
        print(type(e).__name__ + ":", e)


top = tempfile.mkdtemp(prefix="kdex-written-")
print(
    os.path.isdir(top),
    os.listdir(top),
    os.path.dirname(top) == tempfile.gettempdir(),
    os.path.basename(top).startswith("kdex-written-"),
)
path = os.path.join(top, "a", "b", "config.json")
err(open, path, "w")
os.makedirs(os.path.dirname(path), exist_ok=True)
os.makedirs(os.path.dirname(path), exist_ok=True)
err(os.makedirs, os.path.dirname(path))
err(os.mkdir, os.path.join(top, "x", "y"))
with open(path, "w") as f:
    print(
        json.dump({"hidden_size": 4096, "name": "é"}, f),
        f.name == path,
        f.mode,
        f.writable(),
        f.readable(),
    )
print(
    json.load(open(path)),
    os.path.exists(path),
    os.path.isfile(path),
    os.path.getsize(path),
    os.stat(path).st_size,
    os.listdir(top),
    sorted(glob.glob(top + "/*/*/*.json")) == [path],
    [(d[len(top) :], s, n) for d, s, n in os.walk(top)],
)
with open(path, "a") as f:
    f.write("\nmore\n")
    f.flush()
    print(len(open(path).read().splitlines()))
print(open(path, "rb").read()[-6:], [l.rstrip() for l in open(path)][-1])
with open(path, "r+") as f:
    f.write("[")
    f.seek(0)
    print(f.read(4))
    f.truncate(2)
print(open(path).read())
err(open, path, "x")
err(open, top, "w")
err(lambda: open(path, "w").read())
err(open, os.path.join(top, "none"), "r+")
with open(path, "wb") as f:
    print(f.write(b"\x00\xff"), f.tell())
print(open(path, "rb").read())
err(lambda: open(path, "w").write(b"x"))
err(lambda: open(path, "wb").write("x"))
p = pathlib.Path(top) / "c"
p.mkdir()
p.mkdir(exist_ok=True)
err(p.mkdir)
(p / "t.txt").write_text("one")
print(
    (p / "t.txt").read_text(), (p / "u.bin").write_bytes(b"12"), sorted(n.name for n in p.iterdir())
)
(p / "v").touch()
(p / "v").touch()
err((p / "q" / "r").mkdir)
(p / "q" / "r").mkdir(parents=True)
os.rename(p / "t.txt", p / "w.txt")
print(sorted(os.listdir(p)), (p / "w.txt").read_text())
os.replace(p / "w.txt", p / "u.bin")
print((p / "u.bin").read_text())
err(os.remove, p)
err(os.rmdir, p)
err(os.remove, p / "none")
os.remove(p / "u.bin")
(p / "v").unlink()
err((p / "v").unlink)
(p / "v").unlink(missing_ok=True)
os.rmdir(p / "q" / "r")
print(os.listdir(p))
with tempfile.NamedTemporaryFile(mode="w+", suffix=".json") as f:
    json.dump([1], f)
    f.flush()
    print(json.load(open(f.name)), f.name.endswith(".json"), os.path.exists(f.name))
    kept = f.name
print(os.path.exists(kept))
with tempfile.TemporaryDirectory() as d:
    open(os.path.join(d, "n"), "w").close()
    print(os.listdir(d), os.path.isdir(d))
for mode in ("w", "r", "wb", "rb", "r+b", "a"):
    with open(path, mode) as f:
        print(repr(f).replace(top, "TOP"))
print(os.path.isdir(d))
shutil.rmtree(top)
print(os.path.exists(top), os.path.exists(path))
err(shutil.rmtree, top)
shutil.rmtree(top, ignore_errors=True)
err(os.listdir, top)
