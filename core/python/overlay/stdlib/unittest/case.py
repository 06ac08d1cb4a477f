# unittest.case.
from unittest import SkipTest, TestCase


class _ShouldStop(Exception):
    pass
