"""`kdex kernels plan` answers in JSON and text, and bad input gets one line and status 2.

python3 test_plan_command.py KDEX
"""

import json, os, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.abspath(__file__))
while not os.path.isdir(os.path.join(TOP, "kernels", "tools")):
    TOP = os.path.dirname(TOP)
sys.path.insert(0, os.path.join(TOP, "kernels", "tools"))
import definitions

KDEX, count = sys.argv[1], 0


def plan(*arguments, given=None):
    return subprocess.run(
        [KDEX, "kernels", "plan", *arguments], input=given, capture_output=True, text=True
    )


def refused(part, *arguments, status=2, given=None):
    """One line on stderr that holds `part`."""
    global count
    done = plan(*arguments, given=given)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    assert part in done.stderr, (arguments, done.stderr)
    assert done.stderr.count("\n") == 1 and done.stdout == "", (arguments, done.stdout, done.stderr)
    count += 1


def answers(*arguments, given=None):
    done = plan("--json", *arguments, given=given)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "gemm.json")
    small, wide = definitions.gemm(264, 520), definitions.gemm(6144, 4096)
    with open(file, "w") as f:
        json.dump(wide, f)
    refused("expected a definition")
    refused("unknown definition 'gemm_x'", "gemm_x", "--axes", "M=1")
    refused("has no definitions", "gemm_x", "--dataset", folder, "--axes", "M=1")
    refused("cannot be read", os.path.join(folder, "none.json"))
    refused("the axis M has no value; give it with --axes M=...", file)
    refused("unknown axis 'Q'; its variable axes are M", file, "--axes", "Q=1")
    refused("must be an integer", file, "--axes", "M=many")
    refused("must be an integer", file, "--axes", "M=-1")
    refused("must be an integer", file, "--axes", "M=99999999999999999999")
    refused("expected NAME=VALUE", file, "--axes", "M")
    refused("the axis N is 6144, not 5", file, "--axes", "M=1,N=5")
    refused("unknown architecture 'hopper'", file, "--axes", "M=1", "--arch", "hopper")
    refused("must be an integer from 1", file, "--axes", "M=1", "--sms", "0")
    refused("unknown constant 'BLOCK_NN'", file, "--axes", "M=1", "--set", "BLOCK_NN=3")
    refused("expected NAME=VALUE", file, "--axes", "M=1", "--set", "BLOCK_N")
    batched = os.path.join(folder, "bmm.json")
    with open(batched, "w") as f:
        json.dump(definitions.bmm(16, 512, 128), f)
    refused("stream_k takes no batch", batched, "--axes", "M=1", "--set", "KERNEL=stream_k")
    for rows, entry in ((1, "gemm_swap_ab_split_k"), (8192, "gemm_tma")):
        (found,) = answers(batched, "--axes", f"M={rows}")
        assert [l["entry"] for l in found["launches"]] == [entry], found
        assert {m["dims"][2] for m in found["maps"]} == {16}, found["maps"]
    refused("--requests", file, "--requests", "-")
    refused("cannot be read", "--requests", os.path.join(folder, "none"))
    refused("stdin", "--requests", "-", given="[{")
    refused("expected an object with a definition", "--requests", "-", given="[{}]")
    refused("unknown key 'axis'", "--requests", "-", given='[{"definition": "x", "axis": {}}]')

    (got,) = answers(file, "--axes", "M=64", "--arch", "sm_80")
    assert got["definition"] == wide["name"] and got["axes"] == {"M": 64} and got["sms"] == 108
    (launch,) = got["launches"]
    assert launch["entry"] == "gemm_tiled" and launch["grid"] == [1, 96, 1], launch
    assert launch["arguments"][-1] == {"integer": 64}
    assert got["units"][launch["unit"]]["constants"]["N"] == "6144"
    (got,) = answers(file, "--axes", "M=4096")
    assert [m["swizzle"] for m in got["maps"]] == [128] * 3
    assert {a["map"] for a in got["launches"][0]["arguments"] if "map" in a} == {
        m["name"] for m in got["maps"]
    }
    text = plan(file, "--axes", "M=64", "--arch", "sm_80").stdout
    assert "gemm_tiled of unit 0: grid 1 x 96 x 1, block 256" in text, text

    # A constant that is set is followed by grid, shared memory and maps.
    tma = lambda n: answers(file, "--axes", "M=300", "--set", "KERNEL=tma", f"BLOCK_N={n}")[0]
    for n in (64, 256):
        got = tma(n)
        (launch,) = got["launches"]
        constants = got["units"][0]["constants"]
        assert constants["BLOCK_N"] == str(n), constants
        assert launch["grid"] == [2 * min(66, 2 * (6144 // n)), 1, 1], launch
        stages = int(constants["NUM_STAGES"])
        assert launch["shared"] == stages * (128 + n) * 128 + 32768 + 1024, launch
        assert {tuple(m["box"]) for m in got["maps"]} == {(64, 128), (64, n // 2), (64, 64)}
    decode = definitions.gqa(32, 8, 128, 64, False)
    axes = {"batch_size": 4, "len_indptr": 5, "num_pages": 99, "num_kv_indices": 64}
    request = {"definition": decode, "axes": axes, "set": {"KV_SPLIT_SIZE": 512}}
    (got,) = answers("--requests", "-", given=json.dumps([request]))
    attend, combine = got["launches"]
    assert attend["grid"] == [64 * 64 // 512 + 4, 8, 1], attend
    assert attend["arguments"][-1] == combine["arguments"][-1] == {"integer": 512}
    assert {b["name"]: b["bytes"] for b in got["buffers"]}["partial_lse"] == 12 * 32 * 4
    big = ("--set", "KERNEL=swap_ab_split_k", "BLOCK_M=4096")
    refused("bytes of shared memory, sm_90a has 232448", file, "--axes", "M=1", *big)
    refused("expected one of gemv,", file, "--axes", "M=1", "--set", "KERNEL=fast")
    set = ("--set", "KERNEL=tma")
    refused("'x' is not a number", file, "--axes", "M=1", *set, "BLOCK_N=x")
    refused("unknown constant 'SPLIT'", file, "--axes", "M=1", *set, "SPLIT=2")
    refused("tma needs sm_90a", file, "--axes", "M=1", "--arch", "sm_80", *set)

    # A list is answered in order; a line at a time too, and a bad one does not end it.
    requests = [{"definition": d, "axes": {"M": m}} for d in (small, wide) for m in (1, 64)]
    got = answers("--requests", "-", given=json.dumps(requests))
    assert [(g["definition"], g["axes"]["M"]) for g in got] == [
        (r["definition"]["name"], r["axes"]["M"]) for r in requests
    ]
    lines = [
        json.dumps(requests[0]),
        json.dumps({**requests[1], "axes": {}}),
        json.dumps(requests[2]),
    ]
    done = plan("--json", "--requests", "-", given="\n".join(lines))
    got = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and len(got) == 3, done.stderr
    assert "the axis M has no value" in got[1]["error"] and got[2]["definition"] == wide["name"]
print(count, "refusals")
