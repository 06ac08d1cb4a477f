# Functions of nn: the shapes that they give.
import math as _math

from torch import _launches
from torch._elementwise import argument_device, blank, filled, unary, valued, values_of
from torch._dtypes import int64
from torch._gather import where
from torch._launches import launched
from torch._numbers import _relu, _sigmoid
from torch._products import in_rows, matmul
from torch._shapes import axis, broadcast, dims_text, product
from torch._storage import Size
from torch._tensor import Tensor


def many(v, n):
    return tuple(v) if isinstance(v, (tuple, list)) else (v,) * n


def same(input, *args, **kwargs):
    """A result of the input's shape and type without known values."""
    return blank(input.shape, input.dtype, input.device)


def linear(input, weight, bias=None):
    s, w = input.shape, weight.shape
    k = w[-1]
    if not s or s[-1] != k:
        lead = product(s[:-1])
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied (%sx%s and %sx%s)"
            % (lead, s[-1] if s else 1, k, w[0])
        )
    if input.dtype is not weight.dtype:
        return matmul(input, weight.t())
    if input.device is not weight.device:
        argument_device(input, weight, "mat2", "mm" if bias is None else "addmm")
    r = blank(s[:-1] + (w[:-1]), input.dtype, input.device)
    if _launches.listener is not None and len(w) == 2:
        rows = product(s[:-1])
        flat = in_rows(input, rows)
        made = blank(Size((rows, w[0])), input.dtype, input.device)
        if bias is None:
            launched("mm", (flat, weight.t()), made)
        else:
            launched("addmm", (bias, flat, weight.t()), made)
    return r


def bilinear(input1, input2, weight, bias=None):
    return blank(input1.shape[:-1] + (weight.shape[0],), input1.dtype, input1.device)


def embedding(
    input,
    weight,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
    sparse=False,
):
    r = blank(input.shape + weight.shape[1:], weight.dtype, weight.device)
    return launched("embedding", (weight, input), r)


def one_hot(tensor, num_classes=-1):
    if num_classes == -1:
        v = values_of(tensor)
        num_classes = max(v) + 1 if v else 0
    v = values_of(tensor)
    values = (
        [1 if x == k else 0 for x in v for k in range(num_classes)]
        if v is not None and len(v) * num_classes <= 4096
        else None
    )
    return valued(tensor.shape + (num_classes,), int64, tensor.device, values)


# ---------------------------------------------------------------- activations


def relu(input, inplace=False):
    return unary(input, _relu, 0)


def relu_(input):
    return input.relu_()


def silu(input, inplace=False):
    return unary(input, lambda x: x * _sigmoid(x), 1)


def gelu(input, approximate="none"):
    return same(input)


def sigmoid(input):
    return input.sigmoid()


def tanh(input):
    return input.tanh()


def _softmax_dim(n):
    return 0 if n in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    return input.softmax(_softmax_dim(len(input.shape)) if dim is None else dim, dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return softmax(-input, dim, _stacklevel, dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    return input.log_softmax(_softmax_dim(len(input.shape)) if dim is None else dim, dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    return same(logits)


def glu(input, dim=-1):
    a = axis(dim, len(input.shape))
    n = input.shape[a]
    if n % 2 != 0:
        raise RuntimeError("Halving dimension must be even, but dimension %d is size %s" % (a, n))
    return blank(input.shape[:a] + (n // 2,) + input.shape[a + 1 :], input.dtype, input.device)


def dropout(input, p=0.5, training=True, inplace=False):
    if p < 0.0 or p > 1.0:
        raise ValueError("dropout probability has to be between 0 and 1, but got %s" % p)
    return same(input) if training and p else input


dropout1d = dropout2d = dropout3d = alpha_dropout = feature_alpha_dropout = dropout
relu6 = elu = selu = celu = leaky_relu = rrelu = mish = hardswish = hardsigmoid = hardtanh = (
    softplus
) = softsign = tanhshrink = same
logsigmoid = threshold = hardshrink = softshrink = elu_ = selu_ = celu_ = leaky_relu_ = (
    hardtanh_
) = threshold_ = rrelu_ = same


def prelu(input, weight):
    return same(input)


def swiglu(input, dim=-1):
    return glu(input, dim)


# ---------------------------------------------------------------- normalisation


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05):
    n = len(normalized_shape)
    if tuple(input.shape[len(input.shape) - n :]) != tuple(normalized_shape):
        raise RuntimeError(
            "Given normalized_shape=%s, expected input with shape [*%s], but got input of size%s"
            % (
                dims_text(normalized_shape),
                "".join([", " + str(d) for d in normalized_shape]),
                dims_text(input.shape),
            )
        )
    return same(input)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    return layer_norm(input, normalized_shape, weight, None, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    if input.shape[1] % num_groups != 0:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape %s and num_groups=%s"
            % (dims_text(input.shape), num_groups)
        )
    return same(input)


batch_norm = instance_norm = local_response_norm = same


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    axis(dim, len(input.shape))
    return same(input)


def cosine_similarity(x1, x2, dim=1, eps=1e-08):
    s = broadcast(x1.shape, x2.shape)
    a = axis(dim, len(s))
    return blank(s[:a] + s[a + 1 :], x1.dtype, x1.device)


# ---------------------------------------------------------------- convolution and pooling


def _conv_size(n, kernel, stride, padding, dilation):
    grown = 2 * padding - dilation * (kernel - 1)
    if stride == 1:
        return n + grown
    return (n + (grown - 1)) // stride + 1


def convolution(input, weight, bias, stride, padding, dilation, groups, n):
    s = input.shape
    batched = len(s) == n + 2
    if not batched and len(s) != n + 1:
        raise RuntimeError(
            "Expected %dD (unbatched) or %dD (batched) input to conv%dd, but got input of size: %s"
            % (n + 1, n + 2, n, dims_text(s))
        )
    channels = s[1] if batched else s[0]
    w = weight.shape
    if channels != w[1] * groups:
        raise RuntimeError(
            "Given groups=%s, weight of size %s, expected input%s to have %s channels, but got %s channels instead"
            % (groups, dims_text(w), dims_text(s), w[1] * groups, channels)
        )
    stride, dilation = many(stride, n), many(dilation, n)
    spatial = s[2:] if batched else s[1:]
    if padding == "same":
        out = list(spatial)
    else:
        padding = (0,) * n if padding == "valid" else many(padding, n)
        out = [
            _conv_size(spatial[i], w[2 + i], stride[i], padding[i], dilation[i]) for i in range(n)
        ]
    made = blank(Size((s[0],) if batched else ()) + (w[0],) + tuple(out), input.dtype, input.device)
    return launched("convolution", (input, weight, bias), made)


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return convolution(input, weight, bias, stride, padding, dilation, groups, 1)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return convolution(input, weight, bias, stride, padding, dilation, groups, 2)


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return convolution(input, weight, bias, stride, padding, dilation, groups, 3)


def transposed_convolution(
    input, weight, bias, stride, padding, output_padding, groups, dilation, n
):
    s, w = input.shape, weight.shape
    batched = len(s) == n + 2
    stride, padding, output_padding, dilation = (
        many(stride, n),
        many(padding, n),
        many(output_padding, n),
        many(dilation, n),
    )
    spatial = s[2:] if batched else s[1:]
    out = [
        (spatial[i] - 1) * stride[i]
        - 2 * padding[i]
        + dilation[i] * (w[2 + i] - 1)
        + output_padding[i]
        + 1
        for i in range(n)
    ]
    made = blank(
        Size((s[0],) if batched else ()) + (w[1] * groups,) + tuple(out), input.dtype, input.device
    )
    return launched("convolution", (input, weight, bias), made)


def conv_transpose1d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    return transposed_convolution(
        input, weight, bias, stride, padding, output_padding, groups, dilation, 1
    )


def conv_transpose2d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    return transposed_convolution(
        input, weight, bias, stride, padding, output_padding, groups, dilation, 2
    )


def conv_transpose3d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    return transposed_convolution(
        input, weight, bias, stride, padding, output_padding, groups, dilation, 3
    )


def pool(input, kernel_size, stride, padding, dilation, ceil_mode, n):
    s = input.shape
    lead = s[: len(s) - n]
    kernel = many(kernel_size, n)
    stride = kernel if stride is None or stride == () or stride == [] else many(stride, n)
    padding, dilation = many(padding, n), many(dilation, n)
    out = []
    for i in range(n):
        d = s[len(s) - n + i]
        span = d + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1
        if ceil_mode:
            k = (span + stride[i] - 1) // stride[i] + 1
            if (k - 1) * stride[i] >= d + padding[i]:
                k = k - 1
        else:
            k = span // stride[i] + 1
        out.append(k)
    return blank(lead + tuple(out), input.dtype, input.device)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    return pool(input, kernel_size, stride, padding, 1, ceil_mode, 1)


def avg_pool2d(
    input,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    return pool(input, kernel_size, stride, padding, 1, ceil_mode, 2)


def avg_pool3d(
    input,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    return pool(input, kernel_size, stride, padding, 1, ceil_mode, 3)


def max_pool1d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    return pool(input, kernel_size, stride, padding, dilation, ceil_mode, 1)


def max_pool2d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    return pool(input, kernel_size, stride, padding, dilation, ceil_mode, 2)


def max_pool3d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    return pool(input, kernel_size, stride, padding, dilation, ceil_mode, 3)


def adaptive_pool(input, output_size, n):
    s = input.shape
    lead = len(s) - n
    out = [s[lead + i] if k is None else k for i, k in enumerate(many(output_size, n))]
    return blank(s[:lead] + tuple(out), input.dtype, input.device)


def adaptive_avg_pool1d(input, output_size):
    return adaptive_pool(input, output_size, 1)


def adaptive_avg_pool2d(input, output_size):
    return adaptive_pool(input, output_size, 2)


def adaptive_avg_pool3d(input, output_size):
    return adaptive_pool(input, output_size, 3)


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
)


# ---------------------------------------------------------------- shape


def pad(input, pad, mode="constant", value=None):
    if len(pad) % 2 != 0:
        raise RuntimeError("Padding length must be divisible by 2")
    s = list(input.shape)
    if len(pad) // 2 > len(s):
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length %d and input of dimension %d"
            % (len(pad), len(s))
        )
    for i in range(len(pad) // 2):
        k = len(s) - 1 - i
        n = s[k] + pad[2 * i] + pad[2 * i + 1]
        if n < 0:
            if max(pad) <= 0:
                raise RuntimeError("narrow(): length must be non-negative.")
            raise RuntimeError(
                "The input size %s, plus negative padding %s and %s, resulted in a negative output size, which is invalid. Check dimension %d of your input."
                % (s[k], pad[2 * i], pad[2 * i + 1], k)
            )
        s[k] = n
    if mode == "constant" and product(s) <= 4096:
        v = values_of(input)
        if v is not None:
            out = filled(
                Size(s), input.dtype, input.device, input.dtype.__class__ and _cast(value, input)
            )
            at = out
            old = input
            for i in range(len(pad) // 2):
                k = len(s) - 1 - i
                lo, hi = pad[2 * i], pad[2 * i + 1]
                if lo < 0:
                    old = old.narrow(k, -lo, old.shape[k] + lo)
                if hi < 0:
                    old = old.narrow(k, 0, old.shape[k] + hi)
                at = at.narrow(k, max(lo, 0), old.shape[k])
            at.copy_(old)
            return out
    return blank(Size(s), input.dtype, input.device)


def _cast(value, like):
    from torch._dtypes import rounder

    return rounder(like.dtype)(0 if value is None else value)


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    s = input.shape
    n = len(s) - 2
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        out = many(size, n)
    else:
        out = tuple([_math.floor(float(d) * f) for d, f in zip(s[2:], many(scale_factor, n))])
    return blank(s[:2] + tuple(out), input.dtype, input.device)


upsample = interpolate


def pixel_shuffle(input, upscale_factor):
    s, r = input.shape, upscale_factor
    if s[-3] % (r * r) != 0:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=%s is not divisible by %s"
            % (s[-3], r * r)
        )
    return blank(s[:-3] + (s[-3] // (r * r), s[-2] * r, s[-1] * r), input.dtype, input.device)


def pixel_unshuffle(input, downscale_factor):
    s, r = input.shape, downscale_factor
    return blank(s[:-3] + (s[-3] * r * r, s[-2] // r, s[-1] // r), input.dtype, input.device)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    kernel, dilation, padding, stride = (
        many(kernel_size, 2),
        many(dilation, 2),
        many(padding, 2),
        many(stride, 2),
    )
    s = input.shape
    blocks = 1
    for i in range(2):
        blocks = blocks * _conv_size(
            s[len(s) - 2 + i], kernel[i], stride[i], padding[i], dilation[i]
        )
    lead = s[: len(s) - 3]
    return blank(lead + (s[-3] * kernel[0] * kernel[1], blocks), input.dtype, input.device)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    kernel, out = many(kernel_size, 2), many(output_size, 2)
    s = input.shape
    return blank(
        s[:-2] + (s[-2] // (kernel[0] * kernel[1]),) + tuple(out), input.dtype, input.device
    )


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    return blank(input.shape[:2] + grid.shape[1:-1], input.dtype, input.device)


def affine_grid(theta, size, align_corners=None):
    return blank(Size((size[0],) + tuple(size[2:]) + (len(size) - 2,)), theta.dtype, theta.device)


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    lead = broadcast(query.shape[:-2], value.shape[:-2]) if not enable_gqa else query.shape[:-2]
    return blank(lead + (query.shape[-2], value.shape[-1]), query.dtype, query.device)


def scaled_mm(mat_a, mat_b, *args, output_dtype=None, **kwargs):
    return blank(Size((mat_a.shape[0], mat_b.shape[1])), output_dtype or mat_a.dtype, mat_a.device)


def grouped_mm(mat_a, mat_b, *, offs=None, bias=None, out_dtype=None):
    return blank(mat_a.shape[:-1] + (mat_b.shape[-1],), out_dtype or mat_a.dtype, mat_a.device)


class ScalingType:
    TensorWise, RowWise, BlockWise1x16, BlockWise1x32, BlockWise1x128, BlockWise128x128 = (
        0,
        1,
        2,
        3,
        4,
        5,
    )


class SwizzleType:
    NO_SWIZZLE, SWIZZLE_32_4_4 = 0, 1


def _loss(input, target=None, *args, reduction="mean", **kwargs):
    return blank(Size() if reduction != "none" else input.shape, input.dtype, input.device)


mse_loss = l1_loss = smooth_l1_loss = huber_loss = kl_div = binary_cross_entropy = (
    binary_cross_entropy_with_logits
) = _loss


def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    return blank(Size() if reduction != "none" else target.shape, input.dtype, input.device)


def nll_loss(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"
):
    return blank(Size() if reduction != "none" else target.shape, input.dtype, input.device)


def pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False):
    s = broadcast(x1.shape, x2.shape)
    return blank(s[:-1] + ((1,) if keepdim else ()), x1.dtype, x1.device)


def multi_head_attention_forward(
    query, key, value, embed_dim_to_check, num_heads, *args, need_weights=True, **kwargs
):
    out = same(query)
    return out, (
        blank(Size((query.shape[1], query.shape[0], key.shape[0])), query.dtype, query.device)
        if need_weights
        else None
    )


def __getattr__(name):
    return _real("torch.nn.functional", name)


from torch._real import attribute as _real  # noqa: E402
