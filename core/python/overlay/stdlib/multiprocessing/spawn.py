# multiprocessing.spawn: the interpreter that processes would be started with.
import sys

_executable = sys.executable


def get_executable():
    return _executable


def set_executable(exe):
    global _executable
    _executable = exe
