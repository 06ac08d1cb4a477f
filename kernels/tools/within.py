"""Runs verify.py and, where it takes longer than the given seconds, says where it stands: python3 within.py SECONDS ARGS."""

import faulthandler, os, runpy, sys

faulthandler.dump_traceback_later(int(sys.argv[1]), exit=True)
here = os.path.dirname(os.path.abspath(__file__))
sys.argv = ["verify.py"] + sys.argv[2:]
sys.path.insert(0, here)
runpy.run_path(os.path.join(here, "verify.py"), run_name="__main__")
