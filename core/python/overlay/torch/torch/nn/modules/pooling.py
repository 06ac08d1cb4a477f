# Pooling.
from torch.nn import functional as F
from torch.nn.modules.module import Module


class _MaxPoolNd(Module):
    __dims__ = 1

    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False
    ):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input):
        return F.pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.__dims__,
        )

    def extra_repr(self):
        return "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s" % (
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
        )


class MaxPool1d(_MaxPoolNd):
    pass


class MaxPool2d(_MaxPoolNd):
    __dims__ = 2


class MaxPool3d(_MaxPoolNd):
    __dims__ = 3


class _AvgPoolNd(Module):
    __dims__ = 1

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input):
        return F.pool(
            input, self.kernel_size, self.stride, self.padding, 1, self.ceil_mode, self.__dims__
        )

    def extra_repr(self):
        return "kernel_size=%s, stride=%s, padding=%s" % (
            self.kernel_size,
            self.stride,
            self.padding,
        )


class AvgPool1d(_AvgPoolNd):
    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
    ):
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        self.kernel_size = F.many(self.kernel_size, 1)
        self.stride = F.many(self.stride, 1)
        self.padding = F.many(self.padding, 1)


class AvgPool2d(_AvgPoolNd):
    __dims__ = 2


class AvgPool3d(_AvgPoolNd):
    __dims__ = 3


class _AdaptivePoolNd(Module):
    __dims__ = 1

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input):
        return F.adaptive_pool(input, self.output_size, self.__dims__)

    def extra_repr(self):
        return "output_size=%s" % (self.output_size,)


class AdaptiveAvgPool1d(_AdaptivePoolNd):
    pass


class AdaptiveAvgPool2d(_AdaptivePoolNd):
    __dims__ = 2


class AdaptiveAvgPool3d(_AdaptivePoolNd):
    __dims__ = 3


class AdaptiveMaxPool1d(_AdaptivePoolNd):
    pass


class AdaptiveMaxPool2d(_AdaptivePoolNd):
    __dims__ = 2


class AdaptiveMaxPool3d(_AdaptivePoolNd):
    __dims__ = 3
