"""`kdex workloads`: how routing spreads, speculative steps, sizes that somebody asks for, bad input.

python3 test_workloads.py KDEX
"""

import json, os, struct, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.abspath(__file__))
while not os.path.isdir(os.path.join(TOP, "kernels", "tools")):
    TOP = os.path.dirname(TOP)
sys.path.insert(0, os.path.join(TOP, "kernels", "tools"))
import definitions as d

KDEX = sys.argv[1]
DECODE, PREFILL = d.gqa(8, 1, 128, 16, False), d.gqa(8, 1, 128, 16, True)
GEMM, FP8 = d.gemm(264, 520), d.gemm_fp8(4384, 8192, 0)
SHARE = d.moe(256, 32, 8, 7168, 2048, 1, "deepseek", n_group=8, topk_group=4)
GIVEN = d.moe(64, 64, 6, 256, 128, 0, "given")
ALL = (DECODE, PREFILL, GEMM, FP8, SHARE, GIVEN)
WIDTH = {"F32": "f", "I32": "i", "BF16": "H", "F16": "e"}


def workloads(dataset, *options):
    command = [KDEX, "workloads", dataset, *options]
    return subprocess.run(command, capture_output=True, text=True)


def lines(dataset, definition):
    file = os.path.join(dataset, "workloads", definition["op_type"], definition["name"] + ".jsonl")
    return [json.loads(line) for line in open(file)]


def tensor(dataset, line, name):
    """A stored input as rows of numbers."""
    given = line["workload"]["inputs"][name]
    data = open(os.path.join(dataset, given["path"]), "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    t = json.loads(data[8 : 8 + size])[name]
    a, b = (8 + size + x for x in t["data_offsets"])
    kind = WIDTH[t["dtype"]]
    values = struct.unpack(f"<{(b - a) // struct.calcsize(kind)}{kind}", data[a:b])
    if t["dtype"] == "BF16":
        values = struct.unpack(
            f"<{len(values)}f", struct.pack(f"<{len(values)}I", *(v << 16 for v in values))
        )
    row = t["shape"][-1]
    return [values[i : i + row] for i in range(0, len(values), row)]


def deepseek(logits, bias, groups, kept, top_k):
    import math

    scores = [1 / (1 + math.exp(-x)) + b for x, b in zip(logits, bias)]
    size = len(scores) // groups
    best = lambda g: sum(sorted(scores[g * size : (g + 1) * size])[-2:])
    open_groups = set(sorted(range(groups), key=best, reverse=True)[:kept])
    order = sorted(range(len(scores)), key=lambda e: scores[e], reverse=True)
    return [e for e in order if e // size in open_groups][:top_k]


def loads(choices, experts):
    count = [0] * experts
    for row in choices:
        for e in row:
            count[e] += 1
    return count


def gini(count):
    ordered = sorted(count)
    weighted = sum((2 * i + 1 - len(ordered)) * x for i, x in enumerate(ordered))
    return weighted / (len(ordered) * sum(ordered))


with tempfile.TemporaryDirectory() as folder:
    for definition in ALL:
        where = os.path.join(folder, "definitions", definition["op_type"])
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, definition["name"] + ".json"), "w") as f:
            json.dump(definition, f)
    done = workloads(folder)
    assert done.returncode == 0, done.stderr
    for definition in ALL:
        assert len(lines(folder, definition)) >= 5, definition["name"]
        for line in lines(folder, definition):
            assert line["description"], line
    (drafts,) = [x for x in lines(folder, PREFILL) if "4 to 8 drafted" in x["description"]]
    offsets = tensor(folder, drafts, "qo_indptr")[0]
    assert {4, 8} <= {b - a for a, b in zip(offsets, offsets[1:])} <= set(range(4, 9))
    assert all(0 < x["workload"]["inputs"]["alpha"]["value"] < 0.01 for x in lines(folder, FP8))

    # Experts are reached as each workload says, and some of them are here.
    seen = set()
    for line in lines(folder, SHARE):
        first = line["workload"]["inputs"]["local_expert_offset"]["value"]
        bias = tensor(folder, line, "routing_bias")[0]
        rows = tensor(folder, line, "routing_logits")
        choices = [deepseek(row, bias, 8, 4, 8) for row in rows]
        count = loads(choices, 256)
        here, mean = sum(count[first : first + 32]), len(choices) * 8 / 256
        assert here > 0, line["description"]
        if len(choices) < 512:
            continue
        kind = line["description"].split(", ")[1].split()[0]
        seen.add(kind)
        if kind == "balanced":
            assert min(count) > 0.3 * mean and max(count) < 2 * mean, (min(count), max(count))
        elif kind == "skewed":
            assert 0.18 < gini(count) < 0.38, gini(count)  # 0.24 and more of text, see moe
        else:
            assert sorted(count)[-8:] == [len(choices)] * 8 and here == 8 * len(choices)
    assert seen == {"balanced", "skewed", "worst"}, seen
    for line in lines(folder, GIVEN):
        for row in tensor(folder, line, "topk_ids"):
            assert len(set(row)) == 6 and all(0 <= e < 64 for e in row), row

    # Sizes that are asked for are added to those that are there; the same again adds nothing.
    before = {x["name"]: len(lines(folder, x)) for x in ALL}
    asked = ("--axes", "batch_size=1,8", "M=77", "--lengths", "256,512", "--queries", "5")
    done = workloads(folder, *asked)
    assert done.returncode == 0, done.stderr
    assert "2 definitions have none of these axes" in done.stdout, done.stdout
    new = {x["name"]: lines(folder, x)[before[x["name"]] :] for x in ALL}
    assert [x["workload"]["axes"]["batch_size"] for x in new[DECODE["name"]]] == [1, 1, 8, 8]
    assert [x["workload"]["axes"]["num_kv_indices"] for x in new[DECODE["name"]]] == [
        16,
        32,
        128,
        256,
    ]
    assert [x["workload"]["axes"]["total_q"] for x in new[PREFILL["name"]]] == [5, 5, 40, 40]
    assert [x["workload"]["axes"]["M"] for x in new[GEMM["name"]]] == [77]
    assert not new[SHARE["name"]]
    assert "0 of them new" in workloads(folder, *asked).stdout

    # Requests as served.
    file = os.path.join(folder, "requests.json")
    with open(file, "w") as f:
        json.dump([{"keys": 100, "queries": 4}, 33, {"keys": 16}], f)
    done = workloads(folder, "--definitions", PREFILL["name"], DECODE["name"], "--requests", file)
    assert done.returncode == 0, done.stderr
    last = lines(folder, PREFILL)[-1]
    assert last["description"] == "3 requests as served", last
    assert list(tensor(folder, last, "qo_indptr")[0]) == [0, 4, 37, 53]
    done = workloads(
        folder, "--definitions", "gqa_paged", "--requests", file, "--axes", "batch_size=5"
    )
    assert lines(folder, DECODE)[-1]["workload"]["axes"]["batch_size"] == 5, done.stderr

    for part, options in (
        ("must be an integer from 1 to 2^30", ("--axes", "M=none")),
        ("must be an integer from 1 to 2^30", ("--axes", "M=0")),
        ("expected NAME=VALUE, not '8'", ("--axes", "8")),
        ("expected --axes batch_size=...", ("--lengths", "64")),
        ("must be an integer from 1 to 2^30", ("--axes", "batch_size=1", "--lengths", "x")),
        ("exclude each other", ("--axes", "batch_size=1", "--lengths", "8", "--requests", file)),
        ("none.json", ("--requests", os.path.join(folder, "none.json"))),
    ):
        done = workloads(folder, *options)
        assert done.returncode == 2 and part in done.stderr, (options, done.stderr)
        assert done.stderr.count("\n") == 1, done.stderr
    for content, part in (
        ("{}", "expected a list of requests"),
        ('["x"]', "expected an integer"),
        ('[{"queries": 3}]', "has no 'keys'"),
        ('[{"queries": 3, "keys": 2}]', "more queries than keys"),
    ):
        with open(file, "w") as f:
            f.write(content)
        done = workloads(folder, "--requests", file)
        assert done.returncode == 2 and part in done.stderr, (content, done.stderr)

print("workloads spread, and are of the sizes that are asked for")
