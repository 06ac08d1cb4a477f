"""The ABI digest covers every declaration that crosses between kdex and a plugin.

usage: test_abi.py REPOSITORY [CMAKE]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

top = os.path.abspath(sys.argv[1])
cmake = sys.argv[2] if len(sys.argv) > 2 else "cmake"
crossing = [
    "Value", "Origin", "Rows", "SourcePlace", "Parameter", "Module", "Assumption", "Checkpoint",
    "Deployment", "ModuleTree", "Axis", "TensorSpec", "Definition", "KernelUnit", "KernelBuffer",
    "KernelTensorMap", "KernelArgument", "KernelLaunch", "KernelPlan", "Option", "OptionValues",
    "FamilyInfo", "ModelView", "Match", "Note", "FamilyResult", "Family", "Form", "FormAxis",
    "FormTensor", "FormConstant", "Remark", "Param", "Params", "ParamValue", "Text", "WorkloadCase", "IndexRule",
    "HostTensor", "CallInputs", "Expected", "Chip", "Tuning", "Stage", "StageInfo", "StageContext",
    "StageModel", "StageDefinition", "StageFile", "StageResult", "ReportModel", "ReportNote",
]  # fmt: skip


def digest(folder):
    script = os.path.join(top, "core/plugin/KdexAbi.cmake")
    done = subprocess.run(
        [cmake, f"-DFOLDER={folder}", "-P", script], capture_output=True, text=True, check=True
    )
    value, headers = done.stdout.strip().removeprefix("-- ").split(None, 1)
    return value, headers.split(";")


def declaration(text, name):
    """(start, end) of the body of `struct name {...}` or `class name {...}`."""
    found = re.search(rf"\b(?:struct|class) {name}\b[^;{{]*{{", text)
    if not found:
        return None
    depth, at = 1, found.end()
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return found.end(), at


failures = []
with tempfile.TemporaryDirectory() as work:
    folder = os.path.join(work, "kdex")
    shutil.copytree(os.path.join(top, "include/kdex"), folder)
    before, headers = digest(folder)

    def changed(header, text):
        file = os.path.join(folder, header)
        with open(file) as f:
            old = f.read()
        with open(file, "w") as f:
            f.write(text(old))
        after = digest(folder)[0]
        with open(file, "w") as f:
            f.write(old)
        return after != before

    texts = {}
    for h in [h for h in headers if h != "abi.h"]:
        with open(os.path.join(folder, h)) as f:
            texts[h] = re.sub(r"//[^\n]*", "", f.read())  # comments do not count
    for name in crossing:
        home = [h for h, t in texts.items() if declaration(t, name)]
        if len(home) != 1:
            failures.append(f"{name} is declared in {home or 'no header that counts'}")
            continue
        start, end = declaration(texts[home[0]], name)
        # its last member goes, and one comes
        body = texts[home[0]][start:end]
        cut = body.rstrip("}").rstrip().rstrip(";").rfind(";")
        without = body[: cut + 1] + "\n}"
        t = texts[home[0]]
        if not changed(home[0], lambda _: t[:start] + without + t[end:]):
            failures.append(f"{name} lost a member and the digest is the same")
        if not changed(home[0], lambda _: t[:start] + " int another;" + t[start:]):
            failures.append(f"{name} gained a member and the digest is the same")
    if changed("family.h", lambda t: "// A remark.\n" + t.replace("\n", "\n\n")):
        failures.append("a comment changed the digest")
    if changed("authoring.h", lambda t: t + "\ninline int another() { return 1; }\n"):
        failures.append("a helper of authoring.h changed the digest")
for f in failures:
    print("FAILED:", f)
print(f"{len(crossing)} types, {len(headers)} headers, {len(failures)} failures")
sys.exit(bool(failures))
