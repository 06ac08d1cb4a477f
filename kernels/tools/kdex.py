"""Asks `kdex kernels plan` for the launches of definitions, and has it build their cubins.

KDEX names the program (default: build/release/kdex beside these sources); its cubins are in $KDEX_CACHE/cubins. What is
asked is kept, so that plan() of the same sizes costs nothing.
"""

import json, os, subprocess, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KDEX = os.environ.get("KDEX") or os.path.join(TOP, "build", "release", "kdex")


class PlanError(Exception):
    """What kdex said of a request, or why it has no kernel."""


_process = None
_known = {}  # answers by request


def command(*arguments):
    return [KDEX, "kernels", "plan", "--json", "--requests", *arguments]


def ask(request):
    """The answer to one request; docs/kernels.md tells the fields of both."""
    global _process
    line = json.dumps(request)
    if line not in _known:
        if _process is None:
            _process = subprocess.Popen(
                command("-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        _process.stdin.write(line + "\n")
        _process.stdin.flush()
        answer = _process.stdout.readline()
        if not answer:
            raise PlanError(f"{KDEX} ended")
        answer = json.loads(answer)
        problem = answer.get("error") or answer.get("why_not")
        if problem:
            raise PlanError(problem)
        _known[line] = {**answer, "request": request}
    return _known[line]


def plan(definition, axes, arch="sm_90a", sms=None, set=None, compile_for=None):
    """The launches of a definition (a dict) at sizes of its variable axes; raises PlanError where there are none. set:
    constants in place of the planner's choice. Axes that the definition lacks are left out."""
    variable = {n for n, a in definition["axes"].items() if a["type"] == "var"}
    request = {"definition": definition, "axes": {n: v for n, v in axes.items() if n in variable}}
    request["arch"] = arch
    for name, value in (("sms", sms), ("set", set), ("compile_for", compile_for)):
        if value:
            request[name] = value
    return ask(request)


def is_built(plan):
    return all(u["cubin"] for u in plan["units"])


def build(plans):
    """Compiles on all cores what the cache lacks of these plans; the number of units. Raises PlanError with the first
    error. Plans that were asked for before do not know of their cubins: ask again."""
    requests = {json.dumps(p["request"]): p["request"] for p in plans}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(list(requests.values()), file)
        file.flush()
        done = subprocess.run(command(file.name, "--build"), stdout=subprocess.PIPE, text=True)
    units = set()
    for line, text in zip(requests, done.stdout.splitlines()):
        answer = json.loads(text)
        units |= {u["key"] for u in answer["units"]}
        _known[line] = {**answer, "request": requests[line]}
    if done.returncode:
        raise PlanError("some units did not compile; kdex said which")
    return len(units)


def image(unit):
    """The cubin of a plan's unit."""
    cubin = unit["cubin"]
    with open(cubin["path"], "rb") as file:
        file.seek(cubin["offset"])
        return file.read(cubin["size"])
