# Proxies of traced values.
from torch.fx import Proxy  # noqa: F401


class ParameterProxy(Proxy):
    pass


class Attribute(Proxy):
    pass


def __getattr__(name):
    return _real("torch.fx.proxy", name)


from torch._real import attribute as _real  # noqa: E402
