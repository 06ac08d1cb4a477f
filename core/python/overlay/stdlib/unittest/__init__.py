# unittest: the names that library code mentions.


class SkipTest(Exception):
    pass


class TestCase:
    def __init__(self, methodName="runTest"):
        pass

    def setUp(self):
        pass

    tearDown = setUp


def skip(reason):
    return lambda f: f


def skipIf(condition, reason):
    return lambda f: f


skipUnless = skipIf
