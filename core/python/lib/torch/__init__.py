# torch without data: shapes, types and devices, and values only where they are few and come from Python.
from torch._tensor import Tensor  # first: the other modules import it at their end
from torch._platform import facts as _facts
from torch._storage import Size, TypedStorage, UntypedStorage
from torch._dtypes import (bcomplex32, bfloat16, bits1x8, bits2x4, bits4x2, bits8, bits16, bool, can_cast, complex32, complex64, complex128, dtype,
                           finfo, float4_e2m1fn_x2, float8_e4m3fn, float8_e4m3fnuz, float8_e5m2, float8_e5m2fnuz, float8_e8m0fnu, float16,
                           float32, float64, get_default_dtype, iinfo, int1, int2, int3, int4, int5, int6, int7, int8, int16, int32, int64,
                           promote_types, qint8, qint32, quint2x4, quint4x2, quint8, set_default_dtype, uint1, uint2, uint3, uint4, uint5,
                           uint6, uint7, uint8, uint16, uint32, uint64)
from torch._device import (Generator, _mkldnn, channels_last, channels_last_3d, contiguous_format, device, get_default_device, jagged, layout,
                           memory_format, per_channel_affine, per_channel_affine_float_qparams, per_channel_symmetric, per_tensor_affine,
                           per_tensor_symmetric, preserve_format, qscheme, set_default_device, sparse_bsc, sparse_bsr, sparse_coo, sparse_csc,
                           sparse_csr, strided)
from torch._factories import (arange, as_tensor, asarray, complex_ as complex, empty, empty_like, empty_permuted, empty_strided, eye, from_dlpack,
                              from_file, from_numpy, frombuffer, full, full_like, linspace, logspace, normal, ones, ones_like, polar, rand,
                              rand_like, randint, randint_like, randn, randn_like, randperm, range_ as range, scalar_tensor, tensor,
                              tril_indices, triu_indices, window as hann_window, zeros, zeros_like)
from torch._functions import (
    _assert, _assert_async, _foreach_copy_, _foreach_zero_, _scaled_mm, abs, absolute, acos, acosh, add, addbmm, addcdiv, addcmul, addmm, addmv, adjoint,
    all, allclose, amax, amin, aminmax, angle, any, argmax, argmin, argsort, argwhere, as_strided, asin, asinh, atan, atan2, atanh, atleast_1d,
    atleast_2d, baddbmm, bernoulli, bincount, bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, block_diag, bmm,
    broadcast_tensors, broadcast_to, bucketize, cartesian_prod, cat, cdist, ceil, chunk, clamp, clamp_max, clamp_min, clip, clone, column_stack, conj,
    conj_physical, copysign, cos, cosh, count_nonzero, cross, cummax, cummin, cumprod, cumsum, deg2rad, detach, diag, diag_embed, diagonal, diff, digamma,
    dist, div, divide, dot, dropout, dstack, einsum, embedding, eq, equal, erf, erfc, erfinv, exp, exp2, expm1, fix, flatten, flip, fliplr, flipud,
    float_power, floor, floor_divide, fmax, fmin, fmod, frac, frexp, gather, ge, greater, greater_equal, gt, histc, hstack, hypot, imag, index_add,
    index_copy, index_fill, index_put, index_select, inner, is_complex, is_conj, is_floating_point, is_inference, is_neg, is_nonzero, is_same_size,
    is_signed, is_storage, is_tensor, isclose, isfinite, isin, isinf, isnan, isneginf, isposinf, kron, kthvalue, layer_norm, ldexp, le, lerp, less,
    less_equal, lgamma, log, log10, log1p, log2, log_softmax, logaddexp, logical_and, logical_not, logical_or, logical_xor, logit, logsumexp, lt,
    masked_fill, masked_scatter, masked_select, matmul, max, maximum, mean, median, meshgrid, min, minimum, mm, moveaxis, movedim, msort, mul,
    multinomial, multiply, mv, nan_to_num, nanmean, nanquantile, nansum, narrow, ne, neg, negative, nonzero, norm, not_equal, numel, outer, permute,
    permute_copy, poisson, positive, pow, prelu, prod, quantile, rad2deg, ravel, real, reciprocal, relu, remainder, repeat_interleave, reshape,
    resolve_conj, resolve_neg, result_type, rms_norm, roll, rot90, round, row_stack, rsqrt, rsub, scatter, scatter_add, scatter_reduce, searchsorted,
    select, selu, sgn, sigmoid, sign, signbit, sin, sinh, softmax, sort, split, split_with_sizes, sqrt, square, squeeze, stack, std, std_mean, stft, sub,
    subtract, sum, swapaxes, swapdims, t, take, take_along_dim, tan, tanh, tensor_split, tensordot, tile, topk, trace, transpose, tril, triu, true_divide,
    trunc, unbind, unflatten, unique, unique_consecutive, unravel_index, unsqueeze, var, var_mean, vdot, view_as_complex, view_as_real, view_copy, vstack,
    where, xlogy)
from torch._shapes import broadcast_shapes
from torch._state import (are_deterministic_algorithms_enabled, enable_grad, get_autocast_dtype, get_autocast_gpu_dtype, get_device_module, get_float32_matmul_precision,
                          get_num_interop_threads, get_num_threads, get_rng_state, inference_mode, initial_seed, is_autocast_cache_enabled, is_autocast_enabled,
                          is_deterministic_algorithms_warn_only_enabled, is_grad_enabled, is_inference_mode_enabled, manual_seed, no_grad, seed,
                          set_autocast_cache_enabled, set_autocast_enabled, set_default_tensor_type, set_float32_matmul_precision, set_flush_denormal,
                          set_grad_enabled, set_num_interop_threads, set_num_threads, set_printoptions, set_rng_state, set_warn_always,
                          use_deterministic_algorithms)
from torch._types import (AcceleratorError, AggregationType, BFloat16Tensor, BoolTensor, ByteTensor, CharTensor, DoubleTensor, Event, FloatTensor,
                          HalfTensor, IntTensor, LongTensor, OutOfMemoryError, ScriptModule, ShortTensor, Stream, SymBool, SymFloat, SymInt, Tag,
                          compiled_with_cxx11_abi, default_generator, is_vulkan_available, set_deterministic_debug_mode, typename)
from torch._calls import autocast, compile, cond, export_call as _export_call, load, save, vmap
from torch._ops import ops, classes
from math import e, inf, nan, pi

concat = concatenate = cat
ger = outer
arccos, arcsin, arctan, arccosh, arcsinh, arctanh, arctan2 = acos, asin, atan, acosh, asinh, atanh, atan2
half, float, double, short, int, long, cfloat, cdouble, chalf = float16, float32, float64, int16, int32, int64, complex64, complex128, complex32
hamming_window = blackman_window = bartlett_window = kaiser_window = hann_window
_TensorBase = Tensor
FloatStorage = HalfStorage = LongStorage = IntStorage = ByteStorage = BoolStorage = BFloat16Storage = DoubleStorage = TypedStorage
newaxis = None
thread_safe_generator = None
__version__ = _facts["torch_version"]
__file__ = "/torch/__init__.py"
has_cuda = has_cudnn = has_mkl = has_openmp = True
has_mps = False

from torch import nn, _C, _dynamo, _inductor, _utils, accelerator, amp, autograd, backends, compiler, cpu, cuda, distributed, fx, jit, library, mps, mtia  # noqa: E402
from torch import multiprocessing, overrides, profiler, random, special, storage, testing, types, utils, version, xpu, func, fft, linalg, sparse  # noqa: E402
from torch import distributions, futures, hub, masked, optim, quantization, return_types, serialization, export, _logging, ao, monitor, package  # noqa: E402


def __getattr__(name):
    return _real("torch", name)


from torch._real import attribute as _real  # noqa: E402
