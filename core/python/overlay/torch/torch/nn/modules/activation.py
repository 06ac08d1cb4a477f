# Activations.
from torch._elementwise import blank
from torch._factories import empty
from torch._storage import Size
from torch.nn import functional as F
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class _Pointwise(Module):
    def forward(self, input, *args):
        return F.same(input)


class _InPlace(_Pointwise):
    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class ReLU(_InPlace):
    pass


class ReLU6(_InPlace):
    pass


class SiLU(_InPlace):
    pass


class Mish(_InPlace):
    pass


class SELU(_InPlace):
    pass


class Hardswish(_InPlace):
    pass


class Hardsigmoid(_InPlace):
    pass


class Sigmoid(_Pointwise):
    pass


class Tanh(_Pointwise):
    pass


class Softsign(_Pointwise):
    pass


class Tanhshrink(_Pointwise):
    pass


class LogSigmoid(_Pointwise):
    pass


class GELU(_Pointwise):
    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    def extra_repr(self):
        return "approximate=%r" % self.approximate


class LeakyReLU(_Pointwise):
    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def extra_repr(self):
        return "negative_slope=%s%s" % (
            self.negative_slope,
            ", inplace=True" if self.inplace else "",
        )


class ELU(_Pointwise):
    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def extra_repr(self):
        return "alpha=%s%s" % (self.alpha, ", inplace=True" if self.inplace else "")


class CELU(ELU):
    pass


class Softplus(_Pointwise):
    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def extra_repr(self):
        return "beta=%s, threshold=%s" % (self.beta, self.threshold)


class Hardtanh(_Pointwise):
    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__()
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def extra_repr(self):
        return "min_val=%s, max_val=%s%s" % (
            self.min_val,
            self.max_val,
            ", inplace=True" if self.inplace else "",
        )


class Threshold(_Pointwise):
    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace


class RReLU(_Pointwise):
    def __init__(self, lower=0.125, upper=0.3333333333333333, inplace=False):
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def extra_repr(self):
        return "lower=%s, upper=%s%s" % (
            self.lower,
            self.upper,
            ", inplace=True" if self.inplace else "",
        )


class Hardshrink(_Pointwise):
    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def extra_repr(self):
        return str(self.lambd)


class Softshrink(Hardshrink):
    pass


class PReLU(_Pointwise):
    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))

    def extra_repr(self):
        return "num_parameters=%s" % self.num_parameters


class Softmax(_Pointwise):
    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def extra_repr(self):
        return "dim=%s" % self.dim


class LogSoftmax(Softmax):
    pass


class Softmin(Softmax):
    pass


class Softmax2d(_Pointwise):
    pass


class GLU(Module):
    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.glu(input, self.dim)

    def extra_repr(self):
        return "dim=%s" % self.dim


class MultiheadAttention(Module):
    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
        device=None,
        dtype=None,
    ):
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, got embed_dim=%s and num_heads=%s instead"
                % (embed_dim, num_heads)
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = kdim if kdim is not None else embed_dim
        self.vdim = vdim if vdim is not None else embed_dim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        assert self.head_dim * num_heads == self.embed_dim, (
            "embed_dim must be divisible by num_heads"
        )
        if not self._qkv_same_embed_dim:
            self.q_proj_weight = Parameter(
                empty((embed_dim, embed_dim), device=device, dtype=dtype)
            )
            self.k_proj_weight = Parameter(
                empty((embed_dim, self.kdim), device=device, dtype=dtype)
            )
            self.v_proj_weight = Parameter(
                empty((embed_dim, self.vdim), device=device, dtype=dtype)
            )
            self.register_parameter("in_proj_weight", None)
        else:
            self.in_proj_weight = Parameter(
                empty((3 * embed_dim, embed_dim), device=device, dtype=dtype)
            )
            self.register_parameter("q_proj_weight", None)
            self.register_parameter("k_proj_weight", None)
            self.register_parameter("v_proj_weight", None)
        if bias:
            self.in_proj_bias = Parameter(empty(3 * embed_dim, device=device, dtype=dtype))
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, device=device, dtype=dtype
        )
        if add_bias_kv:
            self.bias_k = Parameter(empty((1, 1, embed_dim), device=device, dtype=dtype))
            self.bias_v = Parameter(empty((1, 1, embed_dim), device=device, dtype=dtype))
        else:
            self.bias_k = self.bias_v = None
        self.add_zero_attn = add_zero_attn

    def _reset_parameters(self):
        from torch.nn.init import constant_, xavier_normal_, xavier_uniform_

        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if getattr(self, name, None) is not None:
                xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            constant_(self.in_proj_bias, 0.0)
            constant_(self.out_proj.bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                xavier_normal_(bias)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        out = blank(query.shape, query.dtype, query.device)
        if not need_weights:
            return out, None
        at = 1 if self.batch_first else 0
        n, s = query.shape[at], key.shape[at]
        batch = (query.shape[1 - at],) if len(query.shape) == 3 else ()
        heads = () if average_attn_weights else (self.num_heads,)
        return out, blank(Size(batch + heads + (n, s)), query.dtype, query.device)
