# Functions of the torch namespace that are methods of a tensor.
from torch._elementwise import common_dtype
from torch._tensor import Tensor


def _first(value, other):
    """The first operand as a tensor: a number takes the place of one where the other operand is a tensor."""
    if isinstance(value, Tensor):
        return value
    if isinstance(other, Tensor):
        return other.new_tensor(value, dtype=common_dtype(value, other))
    raise TypeError("argument 'input' (position 1) must be Tensor, not " + value.__class__.__name__)


def _put(made, out):
    if out is None:
        return made
    out.data = made.to(out.dtype)
    return out


def abs(input, *, out=None):
    return _put(input.abs(), out)


def absolute(input, *, out=None):
    return _put(input.absolute(), out)


def acos(input, *, out=None):
    return _put(input.acos(), out)


def acosh(input, *, out=None):
    return _put(input.acosh(), out)


def angle(input, *, out=None):
    return _put(input.angle(), out)


def asin(input, *, out=None):
    return _put(input.asin(), out)


def asinh(input, *, out=None):
    return _put(input.asinh(), out)


def atan(input, *, out=None):
    return _put(input.atan(), out)


def atanh(input, *, out=None):
    return _put(input.atanh(), out)


def bitwise_not(input, *, out=None):
    return _put(input.bitwise_not(), out)


def ceil(input, *, out=None):
    return _put(input.ceil(), out)


def conj(input, *, out=None):
    return _put(input.conj(), out)


def cos(input, *, out=None):
    return _put(input.cos(), out)


def cosh(input, *, out=None):
    return _put(input.cosh(), out)


def deg2rad(input, *, out=None):
    return _put(input.deg2rad(), out)


def digamma(input, *, out=None):
    return _put(input.digamma(), out)


def erf(input, *, out=None):
    return _put(input.erf(), out)


def erfc(input, *, out=None):
    return _put(input.erfc(), out)


def erfinv(input, *, out=None):
    return _put(input.erfinv(), out)


def exp(input, *, out=None):
    return _put(input.exp(), out)


def exp2(input, *, out=None):
    return _put(input.exp2(), out)


def expm1(input, *, out=None):
    return _put(input.expm1(), out)


def fix(input, *, out=None):
    return _put(input.fix(), out)


def floor(input, *, out=None):
    return _put(input.floor(), out)


def frac(input, *, out=None):
    return _put(input.frac(), out)


def isfinite(input, *, out=None):
    return _put(input.isfinite(), out)


def isinf(input, *, out=None):
    return _put(input.isinf(), out)


def isnan(input, *, out=None):
    return _put(input.isnan(), out)


def isneginf(input, *, out=None):
    return _put(input.isneginf(), out)


def isposinf(input, *, out=None):
    return _put(input.isposinf(), out)


def lgamma(input, *, out=None):
    return _put(input.lgamma(), out)


def log(input, *, out=None):
    return _put(input.log(), out)


def log10(input, *, out=None):
    return _put(input.log10(), out)


def log1p(input, *, out=None):
    return _put(input.log1p(), out)


def log2(input, *, out=None):
    return _put(input.log2(), out)


def logical_not(input, *, out=None):
    return _put(input.logical_not(), out)


def logit(input, eps=None, *, out=None):
    return _put(input.logit() if eps is None else input.clamp(eps, 1 - eps).logit(), out)


def neg(input, *, out=None):
    return _put(input.neg(), out)


def negative(input, *, out=None):
    return _put(input.negative(), out)


def positive(input, *, out=None):
    return _put(input.positive(), out)


def rad2deg(input, *, out=None):
    return _put(input.rad2deg(), out)


def reciprocal(input, *, out=None):
    return _put(input.reciprocal(), out)


def relu(input, *, out=None):
    return _put(input.relu(), out)


def round(input, *, decimals=0, out=None):
    return _put(input.round(decimals=decimals), out)


def rsqrt(input, *, out=None):
    return _put(input.rsqrt(), out)


def sgn(input, *, out=None):
    return _put(input.sgn(), out)


def sigmoid(input, *, out=None):
    return _put(input.sigmoid(), out)


def sign(input, *, out=None):
    return _put(input.sign(), out)


def signbit(input, *, out=None):
    return _put(input.signbit(), out)


def sin(input, *, out=None):
    return _put(input.sin(), out)


def sinh(input, *, out=None):
    return _put(input.sinh(), out)


def sqrt(input, *, out=None):
    return _put(input.sqrt(), out)


def square(input, *, out=None):
    return _put(input.square(), out)


def tan(input, *, out=None):
    return _put(input.tan(), out)


def tanh(input, *, out=None):
    return _put(input.tanh(), out)


def trunc(input, *, out=None):
    return _put(input.trunc(), out)


def conj_physical(input, *, out=None):
    return _put(input.conj_physical(), out)


def resolve_conj(input, *, out=None):
    return _put(input.resolve_conj(), out)


def resolve_neg(input, *, out=None):
    return _put(input.resolve_neg(), out)


def atan2(input, other, *, out=None):
    return _put(_first(input, other).atan2(other), out)


def bitwise_and(input, other, *, out=None):
    return _put(_first(input, other).bitwise_and(other), out)


def bitwise_left_shift(input, other, *, out=None):
    return _put(_first(input, other).bitwise_left_shift(other), out)


def bitwise_or(input, other, *, out=None):
    return _put(_first(input, other).bitwise_or(other), out)


def bitwise_right_shift(input, other, *, out=None):
    return _put(_first(input, other).bitwise_right_shift(other), out)


def bitwise_xor(input, other, *, out=None):
    return _put(_first(input, other).bitwise_xor(other), out)


def copysign(input, other, *, out=None):
    return _put(_first(input, other).copysign(other), out)


def eq(input, other, *, out=None):
    return _put(_first(input, other).eq(other), out)


def floor_divide(input, other, *, out=None):
    return _put(_first(input, other).floor_divide(other), out)


def fmax(input, other, *, out=None):
    return _put(_first(input, other).fmax(other), out)


def fmin(input, other, *, out=None):
    return _put(_first(input, other).fmin(other), out)


def fmod(input, other, *, out=None):
    return _put(_first(input, other).fmod(other), out)


def ge(input, other, *, out=None):
    return _put(_first(input, other).ge(other), out)


def greater(input, other, *, out=None):
    return _put(_first(input, other).greater(other), out)


def greater_equal(input, other, *, out=None):
    return _put(_first(input, other).greater_equal(other), out)


def gt(input, other, *, out=None):
    return _put(_first(input, other).gt(other), out)


def hypot(input, other, *, out=None):
    return _put(_first(input, other).hypot(other), out)


def ldexp(input, other, *, out=None):
    return _put(_first(input, other).ldexp(other), out)


def le(input, other, *, out=None):
    return _put(_first(input, other).le(other), out)


def less(input, other, *, out=None):
    return _put(_first(input, other).less(other), out)


def less_equal(input, other, *, out=None):
    return _put(_first(input, other).less_equal(other), out)


def logaddexp(input, other, *, out=None):
    return _put(_first(input, other).logaddexp(other), out)


def logical_and(input, other, *, out=None):
    return _put(_first(input, other).logical_and(other), out)


def logical_or(input, other, *, out=None):
    return _put(_first(input, other).logical_or(other), out)


def logical_xor(input, other, *, out=None):
    return _put(_first(input, other).logical_xor(other), out)


def lt(input, other, *, out=None):
    return _put(_first(input, other).lt(other), out)


def maximum(input, other, *, out=None):
    return _put(_first(input, other).maximum(other), out)


def minimum(input, other, *, out=None):
    return _put(_first(input, other).minimum(other), out)


def mul(input, other, *, out=None):
    return _put(_first(input, other).mul(other), out)


def multiply(input, other, *, out=None):
    return _put(_first(input, other).multiply(other), out)


def ne(input, other, *, out=None):
    return _put(_first(input, other).ne(other), out)


def not_equal(input, other, *, out=None):
    return _put(_first(input, other).not_equal(other), out)


def remainder(input, other, *, out=None):
    return _put(_first(input, other).remainder(other), out)


def true_divide(input, other, *, out=None):
    return _put(_first(input, other).true_divide(other), out)


def xlogy(input, other, *, out=None):
    return _put(_first(input, other).xlogy(other), out)


def add(input, other, *, alpha=1, out=None):
    return _put(_first(input, other).add(other, alpha=alpha), out)


def sub(input, other, *, alpha=1, out=None):
    return _put(_first(input, other).sub(other, alpha=alpha), out)


def subtract(input, other, *, alpha=1, out=None):
    return _put(_first(input, other).sub(other, alpha=alpha), out)


def rsub(input, other, *, alpha=1):
    return other - (input if alpha == 1 else input * alpha)


def div(input, other, *, rounding_mode=None, out=None):
    return _put(_first(input, other).div(other, rounding_mode=rounding_mode), out)


def divide(input, other, *, rounding_mode=None, out=None):
    return _put(_first(input, other).div(other, rounding_mode=rounding_mode), out)


def pow(input, exponent, *, out=None):
    return _put(input**exponent, out)


def float_power(input, exponent, *, out=None):
    return _put(input.double() ** exponent, out)


def clamp(input, min=None, max=None, *, out=None):
    return _put(input.clamp(min, max), out)


def clip(input, min=None, max=None, *, out=None):
    return _put(input.clamp(min, max), out)


def clamp_min(input, min):
    return input.clamp_min(min)


def clamp_max(input, max):
    return input.clamp_max(max)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None, *, out=None):
    return _put(input.nan_to_num(nan, posinf, neginf), out)


def softmax(input, dim, dtype=None, *, out=None):
    return _put(input.softmax(dim, dtype), out)


def log_softmax(input, dim, dtype=None, *, out=None):
    return _put(input.log_softmax(dim, dtype), out)


def sum(input, dim=None, keepdim=False, *, dtype=None, out=None, axis=None):
    return _put(input.sum(dim if axis is None else axis, keepdim, dtype=dtype), out)


def nansum(input, dim=None, keepdim=False, *, dtype=None, out=None):
    return _put(input.sum(dim, keepdim, dtype=dtype), out)


def mean(input, dim=None, keepdim=False, *, dtype=None, out=None, axis=None):
    return _put(input.mean(dim if axis is None else axis, keepdim, dtype=dtype), out)


def nanmean(input, dim=None, keepdim=False, *, dtype=None, out=None):
    return _put(input.mean(dim, keepdim, dtype=dtype), out)


def prod(input, dim=None, keepdim=False, *, dtype=None, axis=None):
    return input.prod(dim if axis is None else axis, keepdim, dtype=dtype)


def all(input, dim=None, keepdim=False, *, out=None, axis=None):
    return _put(input.all(dim if axis is None else axis, keepdim), out)


def any(input, dim=None, keepdim=False, *, out=None, axis=None):
    return _put(input.any(dim if axis is None else axis, keepdim), out)


def max(input, dim=None, keepdim=False, *, out=None, other=None, axis=None):
    return input.max(other if other is not None else dim if axis is None else axis, keepdim)


def min(input, dim=None, keepdim=False, *, out=None, other=None, axis=None):
    return input.min(other if other is not None else dim if axis is None else axis, keepdim)


def amax(input, dim=(), keepdim=False, *, out=None):
    return _put(input.amax(dim, keepdim), out)


def amin(input, dim=(), keepdim=False, *, out=None):
    return _put(input.amin(dim, keepdim), out)


def aminmax(input, *, dim=None, keepdim=False, out=None):
    return input.aminmax(dim=dim, keepdim=keepdim)


def argmax(input, dim=None, keepdim=False, *, out=None, axis=None):
    return _put(input.argmax(dim if axis is None else axis, keepdim), out)


def argmin(input, dim=None, keepdim=False, *, out=None, axis=None):
    return _put(input.argmin(dim if axis is None else axis, keepdim), out)


def var(input, dim=None, unbiased=True, keepdim=False, *, correction=None, out=None):
    return input.var(dim, unbiased, keepdim)


def std(input, dim=None, unbiased=True, keepdim=False, *, correction=None, out=None):
    return input.std(dim, unbiased, keepdim)


def var_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None, out=None):
    return (input.var(dim, unbiased, keepdim), input.mean(dim, keepdim))


def std_mean(input, dim=None, unbiased=True, keepdim=False, *, correction=None, out=None):
    return (input.std(dim, unbiased, keepdim), input.mean(dim, keepdim))


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    return input.norm(p, dim, keepdim, dtype)


def logsumexp(input, dim, keepdim=False, *, out=None):
    return _put(input.logsumexp(dim, keepdim), out)


def count_nonzero(input, dim=None):
    return input.count_nonzero(dim)


def median(input, dim=None, keepdim=False):
    return input.median(dim, keepdim)


def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear", out=None):
    return input.quantile(q, dim, keepdim)


def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear", out=None):
    return input.quantile(q, dim, keepdim)


def cumsum(input, dim, *, dtype=None, out=None):
    return _put(input.cumsum(dim, dtype), out)


def cumprod(input, dim, *, dtype=None, out=None):
    return _put(input.cumprod(dim, dtype), out)


def cummax(input, dim, *, out=None):
    return input.cummax(dim)


def cummin(input, dim, *, out=None):
    return input.cummin(dim)


def diff(input, n=1, dim=-1, prepend=None, append=None):
    return input.diff(n, dim)


def sort(input, dim=-1, descending=False, stable=False, *, out=None):
    return input.sort(dim, descending)


def argsort(input, dim=-1, descending=False, stable=False):
    return input.argsort(dim, descending)


def topk(input, k, dim=-1, largest=True, sorted=True, *, out=None):
    return input.topk(k, dim, largest, sorted)


def kthvalue(input, k, dim=-1, keepdim=False, *, out=None):
    return input.kthvalue(k, dim, keepdim)


def msort(input, *, out=None):
    return _put(input.sort(0)[0], out)


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return input.unique(sorted, return_inverse, return_counts, dim)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    return input.unique_consecutive(return_inverse, return_counts, dim)


def bincount(input, weights=None, minlength=0):
    return input.bincount(weights, minlength)


def histc(input, bins=100, min=0, max=0, *, out=None):
    return input.histc(bins, min, max)


def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    return input.multinomial(num_samples, replacement)


def equal(input, other):
    return input.equal(other)


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    return input.allclose(other, rtol, atol, equal_nan)


def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    return input.isclose(other, rtol, atol, equal_nan)


def dist(input, other, p=2):
    return input.dist(other, p)


def trace(input):
    return input.trace()


def mv(input, vec, *, out=None):
    return _put(input.mv(vec), out)


def dot(input, tensor, *, out=None):
    return _put(input.dot(tensor), out)


def vdot(input, other, *, out=None):
    return _put(input.dot(other), out)


def inner(input, other, *, out=None):
    return _put(input @ other.transpose(-1, -2) if other.dim() > 1 else input @ other, out)


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    return _put(input.baddbmm(batch1, batch2), out)


def addbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    return _put(input + batch1.bmm(batch2).sum(0), out)


def addmv(input, mat, vec, *, beta=1, alpha=1, out=None):
    return _put(input + mat.mv(vec), out)


def addcmul(input, tensor1, tensor2, *, value=1, out=None):
    return _put(input.addcmul(tensor1, tensor2, value=value), out)


def addcdiv(input, tensor1, tensor2, *, value=1, out=None):
    return _put(input.addcdiv(tensor1, tensor2, value=value), out)


def lerp(input, end, weight, *, out=None):
    return _put(input.lerp(end, weight), out)


def reshape(input, shape):
    return input.reshape(shape)


def view_copy(input, size):
    return input.view(size).clone()


def flatten(input, start_dim=0, end_dim=-1):
    return input.flatten(start_dim, end_dim)


def ravel(input):
    return input.reshape(-1)


def unflatten(input, dim, sizes):
    return input.unflatten(dim, sizes)


def transpose(input, dim0, dim1):
    return input.transpose(dim0, dim1)


def swapaxes(input, axis0, axis1):
    return input.transpose(axis0, axis1)


def swapdims(input, dim0, dim1):
    return input.transpose(dim0, dim1)


def t(input):
    return input.t()


def adjoint(input):
    return input.adjoint()


def permute(input, dims):
    return input.permute(dims)


def permute_copy(input, dims):
    return input.permute(dims).clone()


def movedim(input, source, destination):
    return input.movedim(source, destination)


def moveaxis(input, source, destination):
    return input.movedim(source, destination)


def squeeze(input, dim=None):
    return input.squeeze() if dim is None else input.squeeze(dim)


def unsqueeze(input, dim):
    return input.unsqueeze(dim)


def broadcast_to(input, size=None, *, shape=None):
    return input.expand(*(size if shape is None else shape))


def narrow(input, dim, start, length):
    return input.narrow(dim, start, length)


def select(input, dim, index):
    return input.select(dim, index)


def split(tensor, split_size_or_sections, dim=0):
    return tensor.split(split_size_or_sections, dim)


def split_with_sizes(input, split_sizes, dim=0):
    return input.split(split_sizes, dim)


def chunk(input, chunks, dim=0):
    return input.chunk(chunks, dim)


def tensor_split(input, indices_or_sections, dim=0):
    return input.tensor_split(indices_or_sections, dim)


def unbind(input, dim=0):
    return input.unbind(dim)


def diagonal(input, offset=0, dim1=0, dim2=1):
    return input.diagonal(offset, dim1, dim2)


def diag(input, diagonal=0, *, out=None):
    return input.diagonal(diagonal) if input.dim() == 2 else diag_embed(input, diagonal)


def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    return input.new_zeros(tuple(input.shape[:-1]) + (input.shape[-1] + builtins_abs(offset),) * 2)


def as_strided(input, size, stride, storage_offset=None):
    return input.as_strided(size, stride, storage_offset)


def clone(input, *, memory_format=None):
    return input.clone(memory_format=memory_format)


def detach(input):
    return input.detach()


def masked_select(input, mask, *, out=None):
    return _put(input.masked_select(mask), out)


def masked_fill(input, mask, value):
    return input.masked_fill(mask, value)


def masked_scatter(input, mask, source):
    return input.masked_scatter(mask, source)


def scatter(input, dim, index, src=None, *, value=None, reduce=None):
    return input.scatter(dim, index, src, value=value)


def scatter_add(input, dim, index, src):
    return input.scatter_add(dim, index, src)


def scatter_reduce(input, dim, index, src, reduce, *, include_self=True):
    return input.scatter_reduce(dim, index, src, reduce)


def index_copy(input, dim, index, source):
    return input.index_copy(dim, index, source)


def index_add(input, dim, index, source, *, alpha=1):
    return input.index_add(dim, index, source)


def index_fill(input, dim, index, value):
    return input.index_fill(dim, index, value)


def index_put(input, indices, values, accumulate=False):
    return input.index_put(indices, values)


def take(input, index):
    return input.reshape(-1)[index]


def tile(input, dims):
    return input.tile(*dims)


def tril(input, diagonal=0, *, out=None):
    return _put(input.tril(diagonal), out)


def triu(input, diagonal=0, *, out=None):
    return _put(input.triu(diagonal), out)


def argwhere(input):
    return input.argwhere()


def numel(input):
    return input.numel()


def is_floating_point(input):
    return input.is_floating_point()


def is_complex(input):
    return input.is_complex()


def is_conj(input):
    return False


def is_neg(input):
    return False


def is_nonzero(input):
    return builtins_bool(input)


def is_signed(input):
    return input.is_signed()


def is_same_size(input, other):
    return input.shape == other.shape


def is_inference(input):
    return False


def real(input):
    return input.real


def imag(input):
    return input.imag


def dropout(input, p, train):
    return input.clone() if train else input


def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    return blank(indices.shape + weight.shape[1:], weight.dtype, weight.device)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    return _isin(elements, test_elements, invert)


def bucketize(input, boundaries, *, out_int32=False, right=False, out=None):
    return _search(boundaries, input, out_int32, right)


def searchsorted(
    sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None, out=None
):
    return _search(sorted_sequence, input, out_int32, right or side == "right")


def frexp(input, *, out=None):
    return (blank(input.shape, input.dtype, input.device), blank(input.shape, int32, input.device))


def bernoulli(input, p=None, *, generator=None, out=None):
    return blank(input.shape, input.dtype, input.device)


def poisson(input, generator=None):
    return blank(input.shape, input.dtype, input.device)


def cdist(x1, x2, p=2.0, compute_mode=None):
    return blank(
        broadcast(x1.shape[:-2], x2.shape[:-2]) + (x1.shape[-2], x2.shape[-2]), x1.dtype, x1.device
    )


def kron(input, other, *, out=None):
    return _put(
        blank(Size([a * b for a, b in zip(input.shape, other.shape)]), input.dtype, input.device),
        out,
    )


def cross(input, other, dim=None, *, out=None):
    return _put(input * other, out)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True):
    return blank(input.shape, input.dtype, input.device)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    return blank(input.shape, input.dtype, input.device)


def selu(input):
    return blank(input.shape, input.dtype, input.device)


def prelu(input, weight):
    return blank(input.shape, input.dtype, input.device)


def fliplr(input):
    return input.flip(1)


def flipud(input):
    return input.flip(0)


def rot90(input, k=1, dims=(0, 1)):
    return (input.transpose(dims[0], dims[1]) if k % 2 else input).clone()


def _isin(elements, tests, invert):
    tests = _values(tests)
    found = values_of(elements) if isinstance(elements, Tensor) else None
    if tests is None or found is None:
        return blank(elements.shape, bool_type, elements.device)
    return valued(
        elements.shape, bool_type, elements.device, [(v in tests) != invert for v in found]
    )


def _values(t):
    if isinstance(t, Tensor):
        return values_of(t)
    return [t]


def _search(line, t, as_int32, right):
    d = int32 if as_int32 else int64
    if not isinstance(t, Tensor):
        t = line.new_tensor(t)
    edges, found = values_of(line), values_of(t)
    if edges is None or found is None or len(line.shape) != 1:
        return blank(t.shape, d, t.device)
    return valued(
        t.shape,
        d,
        t.device,
        [bisect.bisect_right(edges, v) if right else bisect.bisect_left(edges, v) for v in found],
    )


def result_type(tensor1, tensor2):
    return common_dtype(tensor1, tensor2)


def is_tensor(obj):
    return isinstance(obj, Tensor)


def is_storage(obj):
    return hasattr(obj, "_memory") and not isinstance(obj, Tensor)


def broadcast_tensors(*tensors):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    shape = Size()
    for t in tensors:
        shape = broadcast(shape, t.shape)
    return tuple([t.expand(shape) for t in tensors])


def meshgrid(*tensors, indexing=None):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    n = len(tensors)
    sizes = [t.shape[0] if t.shape else 1 for t in tensors]
    out = []
    for i, t in enumerate(tensors):
        place = [1] * n
        place[i] = sizes[i]
        out.append(t.reshape(place).expand(sizes))
    if indexing == "xy" and n > 1:
        sizes[0], sizes[1] = sizes[1], sizes[0]
        out = []
        for i, t in enumerate(tensors):
            at = 1 if i == 0 else 0 if i == 1 else i
            place = [1] * n
            place[at] = t.shape[0] if t.shape else 1
            out.append(t.reshape(place).expand(sizes))
    return tuple(out)


def cartesian_prod(*tensors):
    if len(tensors) == 1:
        return tensors[0]
    return stack([g.reshape(-1) for g in meshgrid(*tensors, indexing="ij")], 1)


def block_diag(*tensors):
    return blank(
        Size((sum_of([t.shape[0] for t in tensors]), sum_of([t.shape[1] for t in tensors]))),
        tensors[0].dtype,
        tensors[0].device,
    )


def hstack(tensors, *, out=None):
    tensors = [t.reshape(1) if not t.shape else t for t in tensors]
    return cat(tensors, 0 if len(tensors[0].shape) == 1 else 1)


def vstack(tensors, *, out=None):
    return cat([t.reshape(1, -1) if len(t.shape) < 2 else t for t in tensors], 0)


row_stack = vstack


def dstack(tensors, *, out=None):
    return cat([t.unsqueeze(-1) for t in tensors], 2)


def column_stack(tensors, *, out=None):
    return cat([t.reshape(-1, 1) if len(t.shape) < 2 else t for t in tensors], 1)


def atleast_1d(*tensors):
    out = [t.reshape(1) if not t.shape else t for t in tensors]
    return out[0] if len(out) == 1 else tuple(out)


def atleast_2d(*tensors):
    out = [t.reshape(1, -1) if len(t.shape) < 2 else t for t in tensors]
    return out[0] if len(out) == 1 else tuple(out)


def tensordot(a, b, dims=2, out=None):
    if isinstance(dims, int):
        left, right = list(range(len(a.shape) - dims, len(a.shape))), list(range(dims))
    else:
        left, right = dims
    sa = [d for i, d in enumerate(a.shape) if i not in left and i - len(a.shape) not in left]
    sb = [d for i, d in enumerate(b.shape) if i not in right and i - len(b.shape) not in right]
    return blank(Size(sa + sb), a.dtype, a.device)


def unravel_index(indices, shape):
    out = []
    for d in reversed(list(shape)):
        out.append(indices % d)
        indices = indices // d
    return tuple(reversed(out))


def stft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    hop = n_fft // 4 if hop_length is None else hop_length
    n = input.shape[-1] + (2 * (n_fft // 2) if center else 0)
    shape = input.shape[:-1] + (
        n_fft // 2 + 1 if onesided is not False else n_fft,
        (n - n_fft) // hop + 1,
    )
    if return_complex:
        return blank(shape, input.dtype.to_complex(), input.device)
    return blank(shape + (2,), input.dtype, input.device)


def _scaled_mm(
    input,
    mat2,
    scale_a=None,
    scale_b=None,
    bias=None,
    scale_result=None,
    out_dtype=None,
    use_fast_accum=False,
    out=None,
):
    if input.shape[-1] != mat2.shape[0]:
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied (%sx%s and %sx%s)"
            % (input.shape[0], input.shape[1], mat2.shape[0], mat2.shape[1])
        )
    return _put(
        blank(
            Size((input.shape[0], mat2.shape[1])),
            input.dtype if out_dtype is None else out_dtype,
            input.device,
        ),
        out,
    )


def _foreach_copy_(self, src, non_blocking=False):
    for a, b in zip(self, src):
        a.copy_(b)


def _foreach_zero_(self):
    for a in self:
        a.zero_()


def _assert(condition, message=""):
    assert condition, message


def _assert_async(tensor, message=""):
    return None


import bisect  # noqa: E402
from builtins import abs as builtins_abs, bool as builtins_bool, sum as sum_of  # noqa: E402

from torch._dtypes import bool as bool_type, int32, int64  # noqa: E402
from torch._elementwise import blank, valued, values_of  # noqa: E402
from torch._gather import (
    cat,
    flip,
    gather,
    index_select,
    nonzero,
    repeat_interleave,
    roll,
    stack,
    take_along_dim,
    where,
)  # noqa: E402,F401
from torch._products import addmm, bmm, einsum, matmul, mm, outer  # noqa: E402,F401
from torch._shapes import broadcast  # noqa: E402
from torch._storage import Size  # noqa: E402
from torch._views import view_as_complex, view_as_real  # noqa: E402,F401
