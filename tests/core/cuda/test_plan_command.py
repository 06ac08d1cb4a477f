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
    refused("'hopper'", file, "--axes", "M=1", "--arch", "hopper")
    refused("must be an integer from 1", file, "--axes", "M=1", "--sms", "0")
    refused("there is no constant 'BLOCK_NN' to set", file, "--axes", "M=1", "--set", "BLOCK_NN=3")
    refused("expected NAME=VALUE", file, "--axes", "M=1", "--set", "BLOCK_N")
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
