"""Runs kernel_calls.py in the abstract machine, with the driver's files that it imports beside it.

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
    shutil.copy(here / "kernel_calls.py", folder)
    run = subprocess.run(
        [kdex, "eval", folder + "/kernel_calls.py"], capture_output=True, text=True
    )
print(run.stdout + run.stderr)
sys.exit(0 if run.returncode == 0 and run.stdout.endswith("ok\n") else 1)
