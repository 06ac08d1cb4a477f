# Convolutions and transposed convolutions.
from torch._factories import empty
from torch.nn import functional as F
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


def _many(v, n):
    return tuple(v) if isinstance(v, (tuple, list)) else (v,) * n


class _ConvNd(Module):
    __dims__ = 1
    transposed = False

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        dilation,
        output_padding,
        groups,
        bias,
        padding_mode,
        device,
        dtype,
    ):
        super().__init__()
        n = self.__dims__
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(
                    "Invalid padding string %r, should be one of {'same', 'valid'}" % padding
                )
            if padding == "same" and any([s != 1 for s in _many(stride, n)]):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='%s'"
                % padding_mode
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = _many(kernel_size, n)
        self.stride = _many(stride, n)
        self.padding = padding if isinstance(padding, str) else _many(padding, n)
        self.dilation = _many(dilation, n)
        self.transposed = type(self).transposed
        self.output_padding = _many(output_padding, n)
        self.groups = groups
        self.padding_mode = padding_mode
        if isinstance(padding, str):
            self._reversed_padding_repeated_twice = [0] * (2 * n)
            if padding == "same":
                for i in range(n):
                    total = self.dilation[i] * (self.kernel_size[i] - 1)
                    left = total // 2
                    self._reversed_padding_repeated_twice[2 * (n - 1 - i)] = left
                    self._reversed_padding_repeated_twice[2 * (n - 1 - i) + 1] = total - left
        else:
            self._reversed_padding_repeated_twice = tuple(
                [p for p in reversed(self.padding) for _ in range(2)]
            )
        if self.transposed:
            shape = (in_channels, out_channels // groups) + self.kernel_size
        else:
            shape = (out_channels, in_channels // groups) + self.kernel_size
        self.weight = Parameter(empty(shape, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        return None

    def extra_repr(self):
        s = "%s, %s, kernel_size=%s, stride=%s" % (
            self.in_channels,
            self.out_channels,
            self.kernel_size,
            self.stride,
        )
        if self.padding != (0,) * len(self.padding):
            s += ", padding=%s" % (self.padding,)
        if self.dilation != (1,) * len(self.dilation):
            s += ", dilation=%s" % (self.dilation,)
        if self.output_padding != (0,) * len(self.output_padding):
            s += ", output_padding=%s" % (self.output_padding,)
        if self.groups != 1:
            s += ", groups=%s" % self.groups
        if self.bias is None:
            s += ", bias=False"
        if self.padding_mode != "zeros":
            s += ", padding_mode=%s" % self.padding_mode
        return s


class _Conv(_ConvNd):
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input):
        return F.convolution(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.__dims__,
        )


class Conv1d(_Conv):
    __dims__ = 1


class Conv2d(_Conv):
    __dims__ = 2


class Conv3d(_Conv):
    __dims__ = 3


class _ConvTransposeNd(_ConvNd):
    transposed = True

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        if padding_mode != "zeros":
            raise ValueError('Only "zeros" padding mode is supported for ' + type(self).__name__)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input, output_size=None):
        return F.transposed_convolution(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.dilation,
            self.__dims__,
        )


class ConvTranspose1d(_ConvTransposeNd):
    __dims__ = 1


class ConvTranspose2d(_ConvTransposeNd):
    __dims__ = 2


class ConvTranspose3d(_ConvTransposeNd):
    __dims__ = 3
