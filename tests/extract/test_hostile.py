"""What arguments, pipeline files, checkpoints, source trees, datasets and the machine may do wrong: each ends with
one clear line (or the report's list), in bounded time, with no crash, no partial file and nothing touched outside.

usage: test_hostile.py KDEX PROJECT [GROUP...]
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import engine_sources

KDEX, PROJECT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SOURCES = engine_sources.folders(PROJECT)
LLAMA = os.path.join(PROJECT, "examples", "checkpoints", "meta-llama--Llama-3.1-8B")
SOURCE_OPTIONS = engine_sources.options(SOURCES)
# For runs that are about what lies before and after the steps of forward, which take most of a run.
NO_STEPS = ["--forward", "false"]
# Texts of the C++ library, of its libraries and of sanitizers: never what a user should read.
INTERNAL = re.compile(
    r"basic_string|std::|json\.exception|filesystem error|vector::|terminate called|what\(\)|bad_alloc|InternalError|"
    r"Sanitizer|runtime error:|boost|YAML::|bad conversion"
)
failed = count = 0


def check(ok, what):
    global failed
    if not ok:
        failed += 1
        print("FAILED:", what, flush=True)


def kdex(name, arguments, status, *words, seconds=60, env=None, **more):
    """Runs kdex and checks how it ends: the status, its words on stderr or stdout, one line on stderr for status 2."""
    global count
    count += 1
    environment = {k: v for k, v in {**os.environ, **(env or {})}.items() if v is not None}
    before = time.monotonic()
    try:
        r = subprocess.run(
            [KDEX, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + 60,
            env=environment,
            **more,
        )
    except subprocess.TimeoutExpired:
        return check(False, f"{name}: did not end")
    out, err = r.stdout.decode(errors="replace"), r.stderr.decode(errors="replace")
    took = time.monotonic() - before
    allowed = status if isinstance(status, tuple) else (status,)
    check(
        r.returncode in allowed,
        f"{name}: status {r.returncode}, wanted {status}: {(err or out)[:300]}",
    )
    check(took < seconds, f"{name}: took {took:.0f} s")
    if os.environ.get("SHOW_SLOW") and took > 3:
        print(f"  {took:.1f} s {name}", flush=True)
    check(
        not INTERNAL.search(out + err),
        f"{name}: speaks of its insides: {INTERNAL.findall(out + err)[:3]} in {(err or out)[-400:]}",
    )
    if r.returncode == 2:
        lines = [
            x for x in err.strip().splitlines() if not re.match(r"\[\d+/\d+\] ", x)
        ]  # progress may stand before
        check(
            len(lines) == 1 and lines[0].startswith("kdex") and len(lines[0]) < 2200,
            f"{name}: not one line: {err[:400]}",
        )
    for w in words:
        check(w in out + err, f"{name}: no '{w}' in {(err or out)[:400]}")
    return out + err


def modules(name, checkpoint, status, *words, sources=SOURCE_OPTIONS, **more):
    return kdex(
        name,
        ["modules", "--checkpoint", checkpoint, "--format", "json", *sources],
        status,
        *words,
        **more,
    )


def write(file, text):
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return file


def whole_files_only(name, dataset):
    """Every JSON parses, and no temporary is left."""
    for folder, _, files in os.walk(dataset):
        for f in files:
            check(not f.startswith(".kdex-tmp-"), f"{name}: {f} was left")
            if f.endswith(".json"):
                try:
                    with open(os.path.join(folder, f)) as j:
                        json.load(j)
                except ValueError as e:
                    check(False, f"{name}: {f} is not whole: {e}")


# ---- arguments


def arguments(work):
    fifo, loop, empty = (os.path.join(work, n) for n in ("fifo", "loop", "empty"))
    os.mkfifo(fifo)
    os.symlink("loop", loop)
    os.makedirs(empty)
    os.makedirs(os.path.join(work, "folder_config", "config.json"))
    os.makedirs(os.path.join(work, "fifo_config"))
    os.mkfifo(os.path.join(work, "fifo_config", "config.json"))
    extract = ["extract", "--checkpoint", LLAMA, "--out", os.path.join(work, "o")]
    for option in ("--tp", "--ep", "--attention-dp", "--page-size", "--jobs"):
        for value in (
            "0",
            "-1",
            "10" * 20,
            "abc",
            "1.5",
            " 8",
            "0x10",
            "4097",
            "nan",
            "\u0663",
            "1e2",
            "+8",
        ):
            kdex(
                f"{option}={value}",
                [*extract, f"{option}={value}"],
                2,
                option + ": must be an integer from 1 to",
                value,
            )
    for option, value, word in (
        ("--platform", "xyz", "h100, h200 or b200"),
        ("--platform", "", "is empty"),
        ("--families", "gqq", "did you mean 'gqa'"),
        ("--families", "nosuch", "the families are"),
        ("--families", ",", "--families is empty"),
        ("--families", "../gqa", "unknown family"),
        ("--modes", "train", "prefill or decode"),
        ("--modes", "", "is empty"),
        ("--engine-arg", "dtype", "NAME=VALUE"),
        ("--engine-arg", "=x", "NAME=VALUE"),
        ("--dialect", "x", "official or fi_trace"),
        ("--deduplicate", "2", "true or false"),
        ("--repos-config", "/nonexistent", "cannot be read"),
        ("--repos-config", "/etc/passwd", "is not JSON"),
        ("--repos-config", fifo, "not a regular file"),
        ("--sglang-path", "/nonexistent", "does not exist"),
        ("--out", "", "is empty"),
        ("--tpp", "3", "did you mean '--tp'"),
        ("--checkpoint", "", "is empty"),
    ):
        kdex(
            f"{option} {value!r}",
            ["extract", "--checkpoint", LLAMA, option, value],
            2,
            word,
            cwd=work,
        )
    for checkpoint, word in (
        ("..", "has neither config.json nor params.json"),
        ("a/../../b", "no such folder"),
        ("org/no-such", "no such folder"),
        ("meta-llama/Llama-3.1-8", "did you mean 'meta-llama/Llama-3.1-8B'"),
        ("x" * 5000, "neither a path nor"),
        ("a\nb", "no such folder"),
        (fifo, "not a regular file"),
        (loop, "no such folder"),
        (empty, "has neither config.json nor params.json"),
        ("/dev/zero", "not a regular file"),
        (os.path.join(work, "folder_config"), "not a regular file"),
        (os.path.join(work, "fifo_config"), "not a regular file"),
    ):
        kdex(
            f"--checkpoint {checkpoint[:40]!r}",
            ["extract", "--checkpoint", checkpoint, "--out", os.path.join(work, "o")],
            2,
            word,
            cwd=work,
        )
    for source, word in (
        ("", "is empty"),
        ("/etc/passwd", "not a directory"),
        (fifo, "not a directory"),
        (loop, "does not exist"),
        (empty, "neither the package sglang"),
        ("/proc", "neither the package"),
    ):
        kdex(f"--source {source!r}", [*extract, "--source", source], 2, word)
    for line, status, word in (
        (["nosuch"], 2, "unknown command"),
        (["extrac"], 2, "did you mean 'extract'"),
        ([""], 2, "unknown command"),
        (["run"], 2, "for example"),
        (["run", work], 2, "not a regular file"),
        (["run", fifo], 2, "not a regular file"),
        (["run", loop], 2, "symbolic links"),
        (["validate", "/nonexistent"], 2, "not a directory"),
        (["validate", empty], 2, "not a dataset"),
        (["explain", "../../x", "--dataset", empty], 2, "no origins"),
        (["workloads", "/nonexistent"], 2, "not a directory"),
        (["workloads", empty, "--seed", "-1"], 2, "--seed: must be an integer"),
        (["kernels", "build", empty, "--arch", "sm_1"], 2, "definitions"),
        (["kernels", "build", empty, "--jobs", "0"], 2, "--jobs: must be an integer"),
        (["kernels", "nosuch", empty], 2, "unknown subcommand 'nosuch'"),
        (["eval", fifo], 2, "not a file"),
        (["eval", work], 2, "not a file"),
        (["eval", __file__, "--seconds", "nan"], 2, "--seconds: must be a number"),
        (["new-family", "../x"], 2, "invalid name of a family"),
        (["models", "--source", "/nonexistent"], 2, "does not exist"),
        (["plugins", "--plugins-path", "/nonexistent"], 1, "cannot be read"),
        (["modules", "--checkpoint", LLAMA, "--format", "xml"], 2, "tree or json"),
    ):
        kdex(" ".join(line)[:80], line, status, word, cwd=empty)
    check(not os.listdir(empty), "bad arguments wrote into the current folder")
    check(not os.path.exists(os.path.join(work, "o")), "bad arguments wrote a dataset")


# ---- pipeline files

PIPELINE = f"sources: [{SOURCES[0]}, {SOURCES[1]}]\ncheckpoints: [{LLAMA}]\nfamilies: [nosuch]\n"


def pipelines(work):
    file = os.path.join(work, "p.yaml")

    def read(name, text, word, *options):
        write(file, text)
        kdex("pipeline: " + name, ["run", file, *options], 2, word)

    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    for name, text, word in (
        ("empty", "", "is empty"),
        ("comment", "# x\n", "is empty"),
        ("null", "null\n", "must be a map"),
        ("list", "- a\n", "must be a map"),
        ("tabs", "sources:\n\t- a\n", "p.yaml:2:2: is not YAML"),
        ("not UTF-8", b"sources: \xff\xfe\n", "is not text in UTF-8"),
        ("binary", bytes(range(256)), "is not text in UTF-8"),
        ("NUL", b"sources: a\0b\n", "is not text in UTF-8"),
        ("NUL in quotes", 'output_dir: "a\\0b"\n', "NUL"),
        ("billion laughs", bomb, "more than 200000 nodes"),
        ("deep", "[" * 100000, "nested deeper"),
        ("deep maps", "{a: " * 100000, "nested deeper"),
        ("deep lists", "- " * 100000, "nested deeper"),
        ("deep keys", "? " * 100000, "nested deeper"),
        ("cycle", "a: &a\n  b: *a\n", "a cycle"),
        ("alias of nothing", "sources: *x\n", "not defined"),
        ("key twice", PIPELINE + "families: [gqa]\n", "is defined twice"),
        ("two documents", PIPELINE + "---\nfamilies: [gqa]\n", "more than one document"),
        ("after the end", PIPELINE + "...\nfamilies: [\n", "more than one document"),
        ("unclosed", "sources: [a", "is not YAML"),
        ("escape", 'sources: "\\q"', "is not YAML"),
        ("long key", "k" * 1000000 + ": 1\n", "is not YAML"),
        ("many keys", "".join(f"k{i}: 1\n" for i in range(100000)), "more than 200000 nodes"),
        (
            "unknown key",
            PIPELINE + "familes: [gqa]\n",
            "p.yaml:4:1: unknown key 'familes' in the pipeline; did you mean 'families'?",
        ),
        ("key in a deployment", PIPELINE + "deployments: [{tpp: 1}]\n", "did you mean 'tp'"),
        ("list for a key", "[a]: x\n", "a key must be a plain word"),
        ("merge", PIPELINE + "<<: {jobs: 1}\n", "unknown key '<<'"),
        (
            "python tag",
            PIPELINE + "jobs: !!python/object/apply:os.system ['touch PWNED']\n",
            "must be an integer",
        ),
    ):
        read(name, text, word)
    without = {
        "checkpoints": PIPELINE.replace("checkpoints: ", "model_name: llama\n#"),
        "sources": PIPELINE.replace("sources", "#"),
        "families": PIPELINE.replace("families", "#"),
    }
    for key, values, word in (
        (
            "checkpoints",
            (
                "",
                "1",
                "{}",
                "[null]",
                "[[]]",
                "[{}]",
                "[{name: x}]",
                f"[{{path: {LLAMA}, nam: x}}]",
                f"[{{path: {LLAMA}, deployments: []}}]",
                "['']",
                "[..]",
            ),
            "",
        ),
        (
            "deployments",
            (
                "",
                "1",
                "[]",
                "{}",
                "[1]",
                "[{tp: 0}]",
                "[{tp: x}]",
                "[{tp: 1.0}]",
                "[{tp: [a]}]",
                "[{ep: -1}]",
                "[{page_sizes: []}]",
                "[{platform: a100}]",
                "[{engine_args: 1}]",
                "[{engine_args: {a: [1]}}]",
            ),
            "",
        ),
        ("execution_modes", ("", "[]", "train", "[prefil]", "[[]]", "{}"), "execution_modes"),
        (
            "page_sizes",
            ("", "[]", "0", "[1, x]", "1e400", "{}", "99999999999999999999"),
            "page_sizes",
        ),
        ("platform", ("", "H100", "[]"), "platform"),
        ("include_quantized", ("", "maybe", "2", "[]"), "must be true or false"),
        ("dialect", ("", "fi_tracee", "[]"), "dialect"),
        ("jobs", ("", "0", "-1", "1e9", "1025", "x"), "must be an integer from 1 to 1024"),
        ("stages", ("", "{}", "[extrac]", "x"), "stage"),
        ("kernels", ("", "1", "{arch: sm_1}", "{arc: sm_90}"), ""),
        ("output_dir", ("", "''", "[]", "{}"), "output_dir"),
        ("repos_config", ("", "/nonexistent", "/etc/passwd", "[]"), ""),
        ("sources", ("", "1", "{}", "[null]", "/nonexistent"), ""),
        ("families", ("", "{}", "[null]", "[../x]"), "famil"),
        ("model_name", ("", "''", "{}", "[[]]"), "model_name"),
    ):
        for value in values:
            read(f"{key}: {value}", without.get(key, PIPELINE) + f"{key}: {value}\n", word)
    write(file, PIPELINE)
    for given, word in (
        ("nokey", "must be key=value"),
        ("=x", "must be key=value"),
        ("jobs=x", "--set jobs=x: 'jobs' must be an integer"),
        ("families=[", "is not YAML"),
        ("familes=gqa", "did you mean 'families'"),
        ("output_dir=", "must be a path"),
    ):
        read("--set " + given, PIPELINE, word, "--set", given)
    for line, word in (
        (("--jobs", "0"), "--jobs: must be"),
        (("--jobs", "1000000000"), "--jobs: must be"),
        (("--families", ","), "is empty"),
        (("--familie", "gqa"), "did you mean '--families'"),
    ):
        read(" ".join(line), PIPELINE, word, *line)
    check(
        not os.path.exists("PWNED") and not os.path.exists(os.path.join(work, "PWNED")),
        "a tag of the pipeline was run",
    )


# ---- checkpoints


def checkpoints(work):
    with open(os.path.join(LLAMA, "config.json")) as f:
        good = json.load(f)
    text = json.dumps(good)
    huge = os.path.join(work, "huge")
    write(os.path.join(huge, "config.json"), "{}")
    os.truncate(os.path.join(huge, "config.json"), 1 << 30)
    modules("config.json of a gigabyte", huge, 2, "larger than 64 MiB")
    for name, config, status, words in (
        ("truncated", text[:200], 2, ("ends too early",)),
        ("not JSON", "hello", 2, ("is not JSON",)),
        ("a list", "[1, 2]", 2, ("must be a JSON object",)),
        ("empty", "", 2, ("is empty",)),
        ("null", "null", 2, ()),
        ("UTF-16", text.encode("utf-16"), 2, ("is not JSON",)),
        ("binary", bytes(range(256)), 2, ()),
        ("lone surrogate", text.replace('"llama"', '"\\ud800"'), 2, ()),
        ("number out of range", text.replace("4096", "1e999", 1), 2, ("out of range",)),
        ("deep", '{"a":' * 5000 + "1" + "}" * 5000, 2, ("nested deeper",)),
        ("deeper", "[" * 1000000, 2, ("nested deeper",)),
        ("trailing text", text + "x", 2, ("is not JSON",)),
        ("key twice", text[:-1] + ', "hidden_size": "x"}', 0, ("hidden_size",)),
        ("no architecture", {"architectures": None}, 0, ()),
        ("architecture of another kind", {"architectures": 5}, 0, ()),
        (
            "unknown architecture",
            {"architectures": ["NoSuch"], "model_type": "no_such"},
            0,
            ("no_such",),
        ),
        ("model_type that climbs", {"model_type": "../../etc/passwd"}, 0, ()),
        ("text for a size", {"hidden_size": "wide"}, 0, ("hidden_size",)),
        ("negative size", {"hidden_size": -4096}, 0, ()),
        ("size of 10**30", {"hidden_size": 10**30}, 0, ()),
        ("NaN for a size", {"hidden_size": float("nan")}, 0, ()),
        ("10**9 layers", {"num_hidden_layers": 10**9}, 1, ()),
        ("negative layers", {"num_hidden_layers": -1}, (0, 1), ()),
        ("zero heads", {"num_attention_heads": 0}, 0, ()),
        ("more kv heads than heads", {"num_key_value_heads": 7}, (0, 1), ()),
        ("quantization of another kind", {"quantization_config": 5}, 0, ()),
        (
            "quantization unknown",
            {"quantization_config": {"quant_method": "no_such"}},
            0,
            ("no_such",),
        ),
        ("rope of another kind", {"rope_scaling": [1]}, 0, ()),
        ("dtype unknown", {"torch_dtype": "float7"}, 1, ("float7",)),
        ("vocabulary of 2**63", {"vocab_size": 2**63}, (0, 1), ()),
        ("code of its own", {"auto_map": {"AutoConfig": "evil.Evil"}}, (0, 1), ()),
    ):
        folder = os.path.join(work, name.replace(" ", "_"))
        write(
            os.path.join(folder, "config.json"),
            json.dumps({**good, **config}) if isinstance(config, dict) else config,
        )
        write(os.path.join(folder, "evil.py"), "open('PWNED', 'w')\n")
        modules(name, folder, status, *words, cwd=folder)
        check(not os.path.exists(os.path.join(folder, "PWNED")), name + ": wrote a file")
    write(os.path.join(work, "quant", "config.json"), text)
    for quant in (
        "[",
        "[]",
        '{"quantization": 5}',
        '{"quantization": {"quant_algo": "NOSUCH"}}',
        '{"quantization": {"quant_algo": "FP8", "exclude_modules": 7}}',
    ):
        write(os.path.join(work, "quant", "hf_quant_config.json"), quant)
        modules("hf_quant_config " + quant, os.path.join(work, "quant"), (0, 1))
    # As `huggingface-cli download` lays it out: links into the blobs. A link to elsewhere is not followed.
    model = os.path.join(work, "hub", "models--org--name")
    write(os.path.join(model, "blobs", "b10b"), text)
    write(os.path.join(model, "refs", "main"), "abc")
    os.makedirs(os.path.join(model, "snapshots", "abc"))
    os.symlink("../../blobs/b10b", os.path.join(model, "snapshots", "abc", "config.json"))
    modules(
        "a snapshot of links",
        "org/name",
        0,
        "LlamaForCausalLM",
        env={"HF_HUB_CACHE": os.path.join(work, "hub")},
    )
    # Files whose names would lead out of a folder named after them.
    for name in ("...json", "..json", ".json", "a b.json", "-.json"):
        write(os.path.join(work, "names", name), text)
        kdex(
            "a file called " + name,
            [
                "extract",
                *SOURCE_OPTIONS,
                "--checkpoint",
                os.path.join(work, "names", name),
                "--out",
                os.path.join(work, "names_out"),
                "--families",
                "rmsnorm",
                *NO_STEPS,
            ],
            0,
            env={"TMPDIR": work},
        )
    check(
        not os.path.exists(os.path.join(work, "config.json")),
        "a configuration was copied out of the temporary folder",
    )
    check(not [n for n in os.listdir(work) if n.startswith("kdex-")], "a temporary folder was left")
    folder = os.path.join(os.fsencode(work), b"not\xffutf8")
    os.makedirs(folder)
    shutil.copy(os.path.join(LLAMA, "config.json"), os.path.join(folder, b"config.json"))
    kdex(
        "a folder that is not UTF-8",
        [
            b"extract",
            *SOURCE_OPTIONS,
            b"--checkpoint",
            folder,
            b"--out",
            folder + b"/out",
            b"--families",
            b"rmsnorm",
            *NO_STEPS,
        ],
        0,
    )


# ---- source trees

EVIL = """
import os, sys, builtins, pathlib, subprocess, shutil, socket, tempfile, ctypes, importlib, io, glob
def attempt(f):
    try:
        print("GOT", str(f())[:200])
    except Exception as e:
        pass
secret, target = %r, %r
for f in (lambda: open(secret).read(), lambda: io.open(secret, "rb").read(), lambda: pathlib.Path(secret).read_text(), lambda: os.listdir(os.path.dirname(secret)), lambda: glob.glob(secret + "*"),
          lambda: os.read(os.open(secret, 0), 99), lambda: builtins.open(target, "w").write("x"), lambda: pathlib.Path(target).write_text("x"), lambda: os.mkdir(target), lambda: os.makedirs(target),
          lambda: os.open(target, os.O_CREAT | os.O_WRONLY), lambda: os.symlink(secret, target), lambda: os.rename(secret, target), lambda: os.remove(secret), lambda: shutil.copy(secret, target), lambda: shutil.rmtree(os.path.dirname(secret)),
          lambda: os.system("touch " + target), lambda: subprocess.run(["touch", target]), lambda: subprocess.check_output("touch " + target, shell=True), lambda: os.popen("touch " + target).read(), lambda: os.execv("/bin/touch", ["touch", target]),
          lambda: os.fork(), lambda: os.kill(os.getppid(), 9), lambda: socket.socket().connect(("127.0.0.1", 9)), lambda: tempfile.mkdtemp(), lambda: tempfile.NamedTemporaryFile(), lambda: ctypes.CDLL(None), lambda: ctypes.string_at(0),
          lambda: importlib.import_module("secret"), lambda: sys.path.insert(0, os.path.dirname(secret)) or importlib.import_module("secret"), lambda: __import__("importlib.util").util.spec_from_file_location("s", secret).loader.exec_module(None),
          lambda: os.chmod(secret, 0), lambda: os.truncate(secret, 0), lambda: os.link(secret, target), lambda: os.environ["PATH"], lambda: os.getlogin(), lambda: open("link.txt").read(), lambda: open(os.path.join(os.path.dirname(__file__), "link.txt")).read(),
          lambda: __import__("_host"), lambda: __import__("_kdex").fs_read(secret), lambda: __import__("_kdex").fs_listdir("/"), lambda: exec(compile("open(secret).read()", "x", "exec"), {"secret": secret}), lambda: __import__("mmap").mmap(-1, 10),
          lambda: __import__("multiprocessing").Process(target=os._exit).start(), lambda: __import__("webbrowser").open("x"), lambda: __import__("pty").spawn("sh"), lambda: __import__("sqlite3").connect(target), lambda: __import__("zipfile").ZipFile(target, "w"),
          lambda: __import__("logging").FileHandler(target), lambda: __import__("shelve").open(target), lambda: __import__("pickle").dump(1, open(target, "wb")), lambda: __import__("torch").save({}, target), lambda: __import__("numpy").save(target, [1]),
          lambda: __import__("fcntl").flock(0, 2), lambda: __import__("signal").raise_signal(9), lambda: __import__("resource").setrlimit(0, (0, 0)), lambda: __import__("urllib.request").request.urlopen("file://" + secret).read()):
    attempt(f)
"""


def trees(work):
    empty = os.path.join(work, "no_engine")
    os.makedirs(empty)
    modules("a tree without the engine", LLAMA, 2, "sglang", sources=["--source", empty])
    secret = write(os.path.join(work, "outside", "secret.py"), "SECRET = 'the-secret-text'\n")
    target = os.path.join(work, "outside", "PWNED")
    root = os.path.join(work, "tree")
    os.makedirs(root)
    subprocess.run(["cp", "-rs", os.path.join(SOURCES[0], "sglang"), root], check=True)
    package = os.path.join(root, "sglang", "srt")
    os.symlink(secret, os.path.join(package, "models", "link.txt"))
    entry = "\nclass LlamaForCausalLM: pass\nEntryClass = LlamaForCausalLM\n"
    for name, file, text, status, word in (
        ("a syntax error", "layers/linear.py", "def broken(:\n", 1, "linear.py, line 1"),
        ("not UTF-8", "models/llama.py", b"\xff\xfe\x00" + entry.encode(), 1, "llama.py"),
        ("NUL bytes", "models/llama.py", "x = 1\0" + entry, 1, "llama.py"),
        (
            "an endless loop",
            "models/llama.py",
            "class LlamaForCausalLM:\n    while True: pass\nEntryClass = LlamaForCausalLM\n",
            1,
            "llama.py:2",
        ),
        (
            "recursion",
            "models/llama.py",
            "def f(): return f()\nclass LlamaForCausalLM:\n    x = f()\nEntryClass = LlamaForCausalLM\n",
            1,
            "RecursionError",
        ),
        (
            "a huge list",
            "models/llama.py",
            "class LlamaForCausalLM:\n    x = [0] * 10**12\nEntryClass = LlamaForCausalLM\n",
            1,
            "llama.py:2",
        ),
        (
            "a huge number",
            "models/llama.py",
            "class LlamaForCausalLM:\n    x = 10**10**10\nEntryClass = LlamaForCausalLM\n",
            1,
            "llama.py:2",
        ),
        ("a folder for a file", "models/llama.py", None, (0, 1), ""),
        ("a FIFO for a file", "models/llama.py", "FIFO", (0, 1), ""),
        ("a link that leads nowhere", "models/llama.py", "/nonexistent", (0, 1), ""),
        ("a link to itself", "models/llama.py", "llama.py", (0, 1), ""),
        ("no class", "models/llama.py", "EntryClass = Nothing\n", (0, 1), ""),
        ("an exit", "models/llama.py", "import sys, os\nsys.exit(0)" + entry, 0, ""),
        ("an exit at once", "models/llama.py", "import os\nos._exit(0)" + entry, 0, ""),
        ("code that reaches out", "models/llama.py", EVIL % (secret, target) + entry, (0, 1), ""),
    ):
        place = os.path.join(package, file)
        original = os.readlink(place)
        os.remove(place)
        if text is None:
            os.makedirs(place)
        elif text == "FIFO":
            os.mkfifo(place)
        elif name.startswith("a link"):
            os.symlink(text, place)
        else:
            write(place, text)
        out = modules(
            name,
            LLAMA,
            status,
            word,
            sources=["--source", root, "--source", SOURCES[1]],
            seconds=180,
        )
        check("the-secret-text" not in (out or ""), name + ": read what lies outside")
        check(
            os.path.exists(secret) and not os.path.lexists(target),
            name + ": touched what lies outside",
        )
        shutil.rmtree(place) if text is None else os.remove(place)
        os.symlink(original, place)
    program = write(
        os.path.join(work, "program", "evil.py"), EVIL % (secret, target) + "print('END')\n"
    )
    os.symlink(secret, os.path.join(work, "program", "link.txt"))
    out = kdex(
        "a program that reaches out",
        ["eval", program, "--seconds", "20"],
        0,
        "END",
        cwd=os.path.join(work, "program"),
    )
    check(
        "the-secret-text" not in (out or "")
        and os.path.exists(secret)
        and not os.path.lexists(target),
        "a program reached out: " + str(out)[:300],
    )
    check(
        sorted(os.listdir(os.path.join(work, "program"))) == ["evil.py", "link.txt"]
        and os.listdir(os.path.dirname(secret)) == ["secret.py"],
        "a program left a file",
    )
    # Packaging that lies: versions of any length, requirements of any form, files that are none.
    broken = os.path.join(work, "metadata")
    shutil.copytree(
        os.path.join(SOURCES[0], "sglang"),
        os.path.join(broken, "sglang"),
        symlinks=True,
        copy_function=os.symlink,
    )
    write(
        os.path.join(broken, "a.dist-info", "METADATA"),
        f"Name: a\nVersion: {'9' * 5000}\nRequires-Dist: torch (>=1,,<{'9' * 500})\nRequires-Dist: numpy[\nRequires-Dist: x [a]\nRequires-Dist: ===\n",
    )
    os.makedirs(os.path.join(broken, "b.dist-info", "METADATA"))
    os.makedirs(os.path.join(broken, "c.dist-info"))
    os.mkfifo(os.path.join(broken, "c.dist-info", "METADATA"))
    modules(
        "packaging that lies", LLAMA, (0, 1), sources=["--source", broken, "--source", SOURCES[1]]
    )


# ---- where it writes


def datasets(work):
    good = os.path.join(work, "good")
    extract = [
        "extract",
        *SOURCE_OPTIONS,
        "--checkpoint",
        LLAMA,
        "--families",
        "rmsnorm,gemm",
        *NO_STEPS,
        "--out",
    ]
    kdex("a dataset", [*extract, good], 0)
    name = "rmsnorm_h4096"
    file = os.path.join("definitions", "rmsnorm", name + ".json")
    with open(os.path.join(good, file)) as f:
        definition = json.load(f)
    outside = write(os.path.join(work, "outside.json"), "{}")
    number = 0

    def dirty(what, change, validated, extracted):
        nonlocal number
        number += 1
        d = os.path.join(work, str(number))
        shutil.copytree(good, d, symlinks=True)
        change(d)
        if validated is not None:
            kdex(what + ", validated", ["validate", d], validated)
        if extracted is not None:
            kdex(what + ", extracted into", [*extract, d], extracted)
        with open(outside) as f:
            check(f.read() == "{}", what + ": a file outside was written")
        shutil.rmtree(d)

    def instead(at, make):
        def change(d):
            place = os.path.join(d, at)
            shutil.rmtree(place) if os.path.isdir(place) and not os.path.islink(
                place
            ) else os.path.lexists(place) and os.remove(place)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            make(place)

        return change

    text = json.dumps(definition)
    for what, new in (
        ("truncated", text[:300]),
        ("empty", ""),
        ("a list", "[]"),
        ("binary", bytes(range(256))),
        ("deep", "[" * 100000),
    ):
        dirty("a definition that is " + what, instead(file, lambda p: write(p, new)), 1, 0)
    for field, new in (
        ("name", "../../x"),
        ("name", "y" * 300),
        ("op_type", "../x"),
        ("reference", "(" * 100000),
        ("reference", "x = " + "[" * 50000 + "]" * 50000),
        ("reference", "def run(): return " + "-" * 100000 + "1"),
        ("constraints", ["not " * 50000 + "a"]),
        ("constraints", ["a == b; import os"]),
        ("axes", {"a": {"type": "const", "value": 2**70}}),
        ("axes", []),
        ("inputs", {"x": 1}),
        ("tags", "x"),
        ("tags", [1]),
    ):
        dirty(
            f"{field} = {str(new)[:20]}",
            instead(file, lambda p: write(p, json.dumps({**definition, field: new}))),
            1,
            None,
        )
    dirty("a folder for a definition", instead(file, os.makedirs), 1, 2)
    dirty("a FIFO for a definition", instead(file, os.mkfifo), 1, 2)
    dirty("a link for a definition", instead(file, lambda p: os.symlink(outside, p)), 1, 0)
    dirty(
        "a link to itself for a definition",
        instead(file, lambda p: os.symlink(os.path.basename(p), p)),
        1,
        0,
    )
    dirty("a device for a definition", instead(file, lambda p: os.symlink("/dev/zero", p)), 1, 0)
    dirty("a file for op types", instead("definitions/rmsnorm", lambda p: write(p, "")), None, 2)
    dirty("a file for definitions", instead("definitions", lambda p: write(p, "")), 2, 2)
    dirty("a file for .kdex", instead(".kdex", lambda p: write(p, "")), 0, 2)
    dirty("a folder for the lock", instead(".kdex/lock", os.makedirs), 0, 2)
    dirty(
        "a link for the lock",
        instead(".kdex/lock", lambda p: os.symlink(os.path.join(work, "lock_outside"), p)),
        0,
        2,
    )
    check(
        not os.path.exists(os.path.join(work, "lock_outside")), "a link for the lock was followed"
    )
    dirty("a folder for the report", instead("report.json", os.makedirs), 0, 2)
    dirty("a link for the report", instead("report.json", lambda p: os.symlink(outside, p)), 0, 0)
    dirty("a file for the origins", instead(".kdex/origins", lambda p: write(p, "")), 0, 1)
    dirty(
        "foreign files",
        lambda d: [
            write(os.path.join(d, p), "x")
            for p in (
                "README.md",
                "definitions/gemm/x.txt",
                "definitions/x.json",
                "workloads/a.jsonl",
                "solutions/c.json",
                "definitions/gemm/\udcff.json".encode("utf-8", "surrogateescape").decode(
                    "utf-8", "replace"
                ),
            )
        ],
        1,
        0,
    )
    dirty(
        "what a killed writer left",
        lambda d: [
            write(os.path.join(d, p), "{")
            for p in (
                "definitions/gemm/.kdex-tmp-1-0",
                ".kdex-tmp-1-1",
                ".kdex/origins/.kdex-tmp-1-2",
            )
        ],
        0,
        0,
    )
    for part, line in (
        ("workloads/rmsnorm", "{}"),
        ("workloads/rmsnorm", "["),
        (
            "workloads/rmsnorm",
            '{"definition": 1, "workload": {"axes": {"M": 1e99}, "inputs": [], "uuid": 1}}',
        ),
        ("traces/a/rmsnorm", '{"definition": "x", "solution": [], "evaluation": {"status": 1}}'),
        ("traces/a/rmsnorm", "\udcff"),
    ):
        dirty(
            "a line " + line[:20],
            instead(f"{part}/{name}.jsonl", lambda p: write(p, line)),
            1,
            None,
        )
    dirty(
        "a solution that climbs",
        instead(
            "solutions/a/gemm/b/x.json",
            lambda p: write(
                p,
                '{"name": "x", "definition": "b", "author": "a", "sources": [{"path": "../x", "content": "x"}], "spec": {"entry_point": "::"}}',
            ),
        ),
        1,
        None,
    )
    for origins in ("", "[]", '{"checkpoint": 1}', '{"axes": {"M": 1}, "origins": 5}'):
        write(os.path.join(good, ".kdex", "origins", name + ".json"), origins)
        kdex("origins " + origins, ["explain", name, "--dataset", good], 2)
    for out in (
        "/dev/null",
        "/dev/full",
        "/proc/x",
        "/etc/passwd/x",
        "x" * 5000,
        os.path.join(work, "y" * 300),
    ):
        kdex("--out " + out[:30], [*extract, out], 2)
    kdex(
        "modules --out a device",
        [
            "modules",
            *SOURCE_OPTIONS,
            "--checkpoint",
            LLAMA,
            "--out",
            os.path.join(work, "no", "such"),
        ],
        2,
    )
    fifo = os.path.join(work, "fifo")
    os.mkfifo(fifo)
    kdex(
        "modules --out a FIFO",
        ["modules", *SOURCE_OPTIONS, "--checkpoint", LLAMA, "--out", fifo],
        2,
        "not a regular file",
    )


# ---- the machine


def machine(work):
    extract = [
        "extract",
        *SOURCE_OPTIONS,
        "--checkpoint",
        LLAMA,
        "--families",
        "rmsnorm,gemm",
        "--out",
    ]

    def limited(which, value):
        return lambda: resource.setrlimit(which, (value, value))

    for size in (0, 1000, 5000, 70000):  # a full disk: no file may be longer
        out = os.path.join(work, f"size{size}")
        kdex(
            f"files of at most {size} bytes",
            [*extract, out],
            (0, 2),
            preexec_fn=limited(resource.RLIMIT_FSIZE, size),
            env={"KDEX_CACHE": os.path.join(work, f"cache{size}")},
        )
        whole_files_only(f"files of at most {size} bytes", out)
    if (
        "Sanitizer" not in subprocess.run(["nm", "-D", KDEX], capture_output=True, text=True).stdout
        and b"__asan_init" not in open(KDEX, "rb").read()
    ):
        for megabytes in (100, 300, 360, 500):
            kdex(
                f"{megabytes} MB of memory",
                [*extract, os.path.join(work, "memory")],
                (0, 1, 2),
                preexec_fn=limited(resource.RLIMIT_AS, megabytes << 20),
            )
    for files in (5, 8):
        kdex(
            f"{files} open files",
            [*extract, os.path.join(work, "files")],
            (0, 1, 2),
            preexec_fn=limited(resource.RLIMIT_NOFILE, files),
        )
    extract[1:1] = NO_STEPS
    for variable, value, status in (
        ("KDEX_HOME", "/nonexistent", 2),
        ("KDEX_HOME", "/etc/passwd", 2),
        ("KDEX_CACHE", "/etc/passwd", 0),
        ("KDEX_CACHE", "/proc", 0),
        ("HF_HOME", "x" * 5000, 0),
        ("TMPDIR", "/nonexistent", 0),
    ):
        kdex(
            f"{variable}={value[:20]}",
            [*extract, os.path.join(work, "env")],
            status,
            *((variable,) if status else ()),
            env={variable: value},
        )
    write(os.path.join(work, "x.json"), open(os.path.join(LLAMA, "config.json")).read())
    kdex(
        "no temporary folder",
        ["modules", *SOURCE_OPTIONS, "--checkpoint", os.path.join(work, "x.json")],
        2,
        "TMPDIR",
        env={"TMPDIR": "/proc"},
    )
    # The parse cache: any damage costs time only.
    cache = os.path.join(work, "cache")
    kdex("a fresh cache", [*extract, os.path.join(work, "c0")], 0, env={"KDEX_CACHE": cache})
    files = sorted(
        os.path.join(cache, "parse", f) for f in os.listdir(os.path.join(cache, "parse"))
    )
    entries = [open(f, "rb").read() for f in files]

    def damaged(what, damage):
        out = os.path.join(work, "c1")
        for f, entry in zip(files, entries):
            shutil.rmtree(f) if os.path.isdir(f) and not os.path.islink(f) else os.path.lexists(
                f
            ) and os.remove(f)
            damage(f, entry)
        kdex("a cache of " + what, [*extract, out], 0, env={"KDEX_CACHE": cache})
        check(
            subprocess.run(
                [
                    "diff",
                    "-r",
                    os.path.join(work, "c0", "definitions"),
                    os.path.join(out, "definitions"),
                ],
                capture_output=True,
            ).returncode
            == 0,
            f"a cache of {what} changed the definitions",
        )
        shutil.rmtree(out)

    damaged(
        "flipped bits",
        lambda f, e: write(
            f, e[: len(e) // 3] + bytes([e[len(e) // 3] ^ 4]) + e[len(e) // 3 + 1 :]
        ),
    )
    damaged("halves", lambda f, e: write(f, e[: len(e) // 2]))
    damaged("other files' trees", lambda f, e: write(f, entries[0]))
    damaged(
        "FIFOs, folders and links to themselves",
        lambda f, e: (
            os.mkfifo(f)
            if f[-5] in "01234"
            else os.makedirs(f)
            if f[-5] in "56789"
            else os.symlink(os.path.basename(f), f)
        ),
    )
    # Standard streams.
    for line in (["models"], ["--help"], ["plugins"]):
        r = subprocess.run([KDEX, *line], stdout=open("/dev/full", "w"), stderr=subprocess.PIPE)
        check(
            r.returncode == 1 and b"cannot write to standard output" in r.stderr,
            f"{line} into a full device: {r.returncode} {r.stderr!r}",
        )
    r = subprocess.run(
        ["bash", "-c", f"'{KDEX}' models | head -1 > /dev/null; exit ${{PIPESTATUS[0]}}"]
    )
    check(r.returncode in (0, 1), f"a reader that goes away: {r.returncode}")
    r = subprocess.run(
        ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", KDEX, *extract, os.path.join(work, "closed")]
    )
    check(r.returncode in (0, 1), f"closed streams: {r.returncode}")
    whole_files_only("closed streams", os.path.join(work, "closed"))


GROUPS = {
    "arguments": arguments,
    "pipelines": pipelines,
    "checkpoints": checkpoints,
    "trees": trees,
    "datasets": datasets,
    "machine": machine,
}


def main():
    if engine_sources.missing(SOURCES):
        return 77
    with tempfile.TemporaryDirectory() as work:
        os.environ["KDEX_CACHE"] = os.path.join(work, "cache")
        for name in sys.argv[3:] or GROUPS:
            before = time.monotonic()
            os.makedirs(os.path.join(work, name))
            GROUPS[name](os.path.join(work, name))
            print(f"{name}: {time.monotonic() - before:.1f} s", flush=True)
    print(f"{count} inputs, {failed} failed checks")
    return 1 if failed else 0


sys.exit(main())
