"""Runs programs of this folder in the abstract machine, with the driver's files that they import.

usage: test_kernel_calls.py KDEX PROJECT_DIR
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

kdex, project = sys.argv[1], pathlib.Path(sys.argv[2])
here = pathlib.Path(__file__).parent
with tempfile.TemporaryDirectory() as folder:
    engines = project / "core" / "engine"
    (calls,) = engines.glob("*/driver_calls.py")
    for file in sorted(calls.parent.glob("driver*.py")):
        shutil.copy(file, folder)
    shutil.copytree(engines / "common" / "driver_common", folder + "/driver_common")
    failed = False
    for name in ("kernel_calls.py", "layers_repeated.py", "regimes.py"):
        shutil.copy(here / name, folder)
        run = subprocess.run([kdex, "eval", folder + "/" + name], capture_output=True, text=True)
        print(name + ": " + run.stdout + run.stderr)
        failed = failed or run.returncode != 0 or not run.stdout.endswith("ok\n")
sys.exit(1 if failed else 0)
