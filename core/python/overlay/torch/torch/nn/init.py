# Initialisers: they leave values unknown except for constants.
import math

from torch._elementwise import write


def calculate_gain(nonlinearity, param=None):
    if nonlinearity in (
        "linear",
        "conv1d",
        "conv2d",
        "conv3d",
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "sigmoid",
    ):
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError("Unsupported nonlinearity %s" % nonlinearity)


def _calculate_fan_in_and_fan_out(tensor):
    s = tensor.shape
    if len(s) < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    field = 1
    for d in s[2:]:
        field = field * d
    return s[1] * field, s[0] * field


def _calculate_correct_fan(tensor, mode):
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError("Mode %s not supported, please use one of ['fan_in', 'fan_out']" % mode)
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


def _random(tensor, *args, **kwargs):
    write(tensor, None)
    return tensor


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    return _random(tensor)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    return _random(tensor)


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    return _random(tensor)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    _calculate_fan_in_and_fan_out(tensor)
    return _random(tensor)


def xavier_normal_(tensor, gain=1.0, generator=None):
    _calculate_fan_in_and_fan_out(tensor)
    return _random(tensor)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    _calculate_correct_fan(tensor, mode)
    return _random(tensor)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    _calculate_correct_fan(tensor, mode)
    return _random(tensor)


def orthogonal_(tensor, gain=1, generator=None):
    return _random(tensor)


def sparse_(tensor, sparsity, std=0.01, generator=None):
    return _random(tensor)


def dirac_(tensor, groups=1):
    return _random(tensor)


def eye_(tensor):
    return _random(tensor)


def constant_(tensor, val):
    write(tensor, val)
    return tensor


def ones_(tensor):
    write(tensor, 1)
    return tensor


def zeros_(tensor):
    write(tensor, 0)
    return tensor


uniform, normal, constant, eye, dirac = uniform_, normal_, constant_, eye_, dirac_
xavier_uniform, xavier_normal, kaiming_uniform, kaiming_normal, orthogonal, sparse = (
    xavier_uniform_,
    xavier_normal_,
    kaiming_uniform_,
    kaiming_normal_,
    orthogonal_,
    sparse_,
)
