# tempfile: there is nowhere to write.
tempdir = "/tmp"


def gettempdir():
    return "/tmp"


def _refuse(*args, **kw):
    raise PermissionError(13, "Permission denied", "/tmp")


mkdtemp = mkstemp = NamedTemporaryFile = TemporaryFile = SpooledTemporaryFile = mktemp = _refuse


class TemporaryDirectory:
    def __init__(self, *args, **kw):
        _refuse()

    def __class_getitem__(cls, k):
        return cls
