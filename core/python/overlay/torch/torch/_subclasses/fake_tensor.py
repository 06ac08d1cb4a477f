# Fake tensors.
class FakeTensor:
    pass


class FakeTensorMode:
    def __init__(self, *args, **kwargs):
        self.args = args

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None


def __getattr__(name):
    return _real("torch._subclasses.fake_tensor", name)


from torch._real import attribute as _real  # noqa: E402
