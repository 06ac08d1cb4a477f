# Export of programs: not modelled.
from torch.export import _trace  # noqa: F401


class ExportedProgram:
    pass


class Dim:
    AUTO = None
    DYNAMIC = None
    STATIC = None


def __getattr__(name):
    return _real("torch.export", name)


from torch._real import attribute as _real  # noqa: E402
