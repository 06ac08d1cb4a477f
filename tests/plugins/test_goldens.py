#!/usr/bin/env python3
"""Definitions from the oracle's module trees, held against the public dataset's.

usage: test_goldens.py DUMP_DEFINITIONS PLUGIN_DIR SHARED_DIR
"""
import glob
import os
import subprocess
import sys
import tempfile

dump, plugins, shared = sys.argv[1:4]
trees = sorted(glob.glob(os.path.join(shared, "oracle", "results", "*.json")))
if not trees or not os.path.isdir(os.path.join(shared, "goldens")):
    print(f"skipped: {shared} does not hold oracle results and goldens; 0 passed, 0 failed")
    sys.exit(0)
compare = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare_goldens.py")
with tempfile.TemporaryDirectory() as dataset:
    subprocess.run([dump, plugins, dataset, "--gemm-at-tp", *trees], check=True)
    sys.exit(subprocess.run([sys.executable, "-B", compare, os.path.join(shared, "goldens"), dataset,
                             "--configs", os.path.join(shared, "configs")]).returncode)
