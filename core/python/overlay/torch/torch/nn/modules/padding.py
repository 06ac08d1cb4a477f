# Padding.
from torch.nn import functional as F
from torch.nn.modules.module import Module


class _PadNd(Module):
    __dims__ = 1
    _mode = "constant"

    def __init__(self, padding, value=0):
        super().__init__()
        self.padding = F.many(padding, 2 * self.__dims__)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self):
        return (
            "padding=%s, value=%s" % (self.padding, self.value)
            if self._mode == "constant"
            else str(self.padding)
        )


class ConstantPad1d(_PadNd):
    pass


class ConstantPad2d(_PadNd):
    __dims__ = 2


class ConstantPad3d(_PadNd):
    __dims__ = 3


class ZeroPad1d(ConstantPad1d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return str(self.padding)


class ZeroPad2d(ConstantPad2d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return str(self.padding)


class ZeroPad3d(ConstantPad3d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return str(self.padding)


class ReflectionPad1d(_PadNd):
    _mode = "reflect"


class ReflectionPad2d(_PadNd):
    __dims__ = 2
    _mode = "reflect"


class ReflectionPad3d(_PadNd):
    __dims__ = 3
    _mode = "reflect"


class ReplicationPad1d(_PadNd):
    _mode = "replicate"


class ReplicationPad2d(_PadNd):
    __dims__ = 2
    _mode = "replicate"


class ReplicationPad3d(_PadNd):
    __dims__ = 3
    _mode = "replicate"


class CircularPad1d(_PadNd):
    _mode = "circular"


class CircularPad2d(_PadNd):
    __dims__ = 2
    _mode = "circular"
