import logging
from .b import BASE, make

logger = logging.getLogger(__name__)
try:
    import not_there_at_all

    HAS = True
except ImportError:
    HAS = False
try:
    from .c import missing_name
except ImportError as e:
    missing_name = None
if HAS:
    VALUE = 1
else:
    VALUE = 2
counter = 0
for _i in range(3):
    counter += _i


class A(BASE):
    kind = VALUE

    def make(self):
        return make(self)


def helper():
    return counter
