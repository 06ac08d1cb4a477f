"""usage: check_schema.py TEST_REPORT SCHEMA.json [REPORT.json]: holds a report against the published schema."""

import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("skipped: the Python package jsonschema is not installed")
    sys.exit(77)

schema = json.load(open(sys.argv[2]))
if len(sys.argv) > 3:
    report = json.load(open(sys.argv[3]))
else:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "report.json")
        subprocess.run(
            [sys.argv[1]],
            env={**os.environ, "KDEX_WRITE_REPORT": path},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        report = json.load(open(path))
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.validate(report, schema)
report["surprise"] = 1
try:
    jsonschema.validate(report, schema)
except jsonschema.ValidationError:
    sys.exit(0)
sys.exit("the schema lets unknown keys pass")
