# Matrix products and einsum: shapes, with values where both sides are small.
from torch import _launches
from torch._dtypes import rounder
from torch._launches import launched
from torch._shapes import broadcast, dims_text, product
from torch._storage import Size


def _check_types(a, b, name):
    if a.dtype is not b.dtype:
        raise RuntimeError(
            "expected m1 and m2 to have the same dtype, but got: %s != %s"
            % (_cpp(a.dtype), _cpp(b.dtype))
        )


_CPP = {
    "Float": "float",
    "Double": "double",
    "Half": "c10::Half",
    "BFloat16": "c10::BFloat16",
    "Long": "long long",
    "Int": "int",
    "Short": "short",
    "Char": "signed char",
    "Byte": "unsigned char",
    "Bool": "bool",
    "Float8_e4m3fn": "c10::Float8_e4m3fn",
    "Float8_e5m2": "c10::Float8_e5m2",
}


def _cpp(d):
    return _CPP.get(d._scalar_name, d._scalar_name)


def _small(a, b, n, k, m):
    if (
        n.__class__ is not int
        or k.__class__ is not int
        or m.__class__ is not int
        or n * k * m > 65536
    ):
        return None
    va, vb = values_of(a), values_of(b)
    if va is None or vb is None:
        return None
    to = rounder(a.dtype)
    return [
        to(sum([va[i * k + p] * vb[p * m + j] for p in range(k)]))
        for i in range(n)
        for j in range(m)
    ]


def mm(input, mat2, out_dtype=None, *, out=None):
    if len(input.shape) != 2:
        raise RuntimeError("self must be a matrix")
    if len(mat2.shape) != 2:
        raise RuntimeError("mat2 must be a matrix")
    n, k = input.shape
    k2, m = mat2.shape
    if k != k2:
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied (%sx%s and %sx%s)" % (n, k, k2, m)
        )
    _check_types(input, mat2, "mm")
    d = input.device if input.device is mat2.device else argument_device(input, mat2, "mat2", "mm")
    r = valued(Size((n, m)), input.dtype, d, _small(input, mat2, n, k, m))
    if out_dtype is not None:
        r = blank(r.shape, out_dtype, d)
    return _put(launched("mm", (input, mat2), r), out)


def _put(made, out):
    """The result in the tensor that was given for it."""
    if out is None:
        return made
    if out.shape != made.shape:
        out.data = made
    return out


def bmm(input, mat2, out_dtype=None, *, out=None):
    if len(input.shape) != 3:
        raise RuntimeError("batch1 must be a 3D tensor")
    if len(mat2.shape) != 3:
        raise RuntimeError("batch2 must be a 3D tensor")
    if input.shape[0] != mat2.shape[0] or input.shape[2] != mat2.shape[1]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: %s but got: %s."
            % (dims_text((input.shape[0], input.shape[2])), dims_text(mat2.shape[:2]))
        )
    _check_types(input, mat2, "bmm")
    r = blank(
        Size((input.shape[0], input.shape[1], mat2.shape[2])),
        out_dtype or input.dtype,
        argument_device(input, mat2, "mat2", "bmm"),
    )
    return _put(launched("bmm", (input, mat2), r), out)


def matmul(input, other, *, out=None):
    r = _matmul(input, other)
    if out is not None:
        out.data = r
        return out
    return r


def _matmul(a, b):
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return NotImplemented
    sa, sb = a.shape, b.shape
    na, nb = len(sa), len(sb)
    if na == 2 and nb == 2:
        return mm(a, b)
    if na == 0 or nb == 0:
        raise RuntimeError(
            "both arguments to matmul need to be at least 1D, but they are %dD and %dD" % (na, nb)
        )
    if na == 1 and nb == 1:
        if sa[0] != sb[0]:
            raise RuntimeError(
                "inconsistent tensor size, expected tensor %s and src %s to have the same number of elements, but got %s and %s elements respectively"
                % (dims_text(sa), dims_text(sb), sa[0], sb[0])
            )
        if a.dtype is not b.dtype:
            raise RuntimeError(
                "dot : expected both vectors to have same dtype, but found %s and %s"
                % (a.dtype._scalar_name, b.dtype._scalar_name)
            )
        return valued(
            Size(), a.dtype, argument_device(a, b, "tensor", "_dot"), _small(a, b, 1, sa[0], 1)
        )
    k = sa[-1]
    k2 = sb[0] if nb == 1 else sb[-2]
    if k != k2:
        if na == 2 and nb == 1:
            raise RuntimeError(
                "size mismatch, got input (%s), mat (%sx%s), vec (%s)"
                % (sa[0], sa[0], sa[1], sb[0])
            )
        if na == 1 and nb == 2:
            raise RuntimeError(
                "mat1 and mat2 shapes cannot be multiplied (1x%s and %sx%s)" % (k, k2, sb[-1])
            )
        if nb <= 2:
            raise RuntimeError(
                "mat1 and mat2 shapes cannot be multiplied (%sx%s and %sx%s)"
                % (product(sa[:-1]), k, k2, sb[-1] if nb > 1 else 1)
            )
        lead = broadcast(sa[:-2], sb[:-2])
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: %s but got: %s."
            % (dims_text((product(lead), k)), dims_text((product(lead), k2)))
        )
    _check_types(a, b, "matmul")
    lead = broadcast(sa[:-2] if na > 2 else Size(), sb[:-2] if nb > 2 else Size())
    shape = lead
    if na > 1:
        shape = shape + (sa[-2],)
    if nb > 1:
        shape = shape + (sb[-1],)
    r = blank(shape, a.dtype, argument_device(a, b, "mat2", "bmm"))
    if _launches.listener is not None:
        _launch_product(a, b, lead, r)
    return r


def in_rows(t, rows):
    """The last dimension of a tensor in rows, in the same memory."""
    flat = blank(Size((rows, t.shape[-1])), t.dtype, t.device)
    flat._memory = t._memory
    return flat


def _launch_product(a, b, lead, r):
    """Which product a matmul of more dimensions becomes: one of matrices where the second has no
    batch, else one over the common batch."""
    sa, sb = a.shape, b.shape
    if len(sb) <= 2 and len(sa) > 2:
        rows = product(sa[:-1])
        flat = in_rows(a, rows)
        if len(sb) == 1:
            launched("mv", (flat, b), blank(Size((rows,)), a.dtype, a.device))
        else:
            launched("mm", (flat, b), blank(Size((rows, sb[-1])), a.dtype, a.device))
        return
    if len(sa) <= 2 and len(sb) <= 2:
        launched("mv", (a, b), r)
        return
    n = product(lead)
    rows, k = (sa[-2] if len(sa) > 1 else 1), sa[-1]
    columns = sb[-1] if len(sb) > 1 else 1
    one = blank(Size((n, rows, k)), a.dtype, a.device)
    two = blank(Size((n, k, columns)), a.dtype, a.device)
    one._memory, two._memory = a._memory, b._memory
    launched("bmm", (one, two), blank(Size((n, rows, columns)), a.dtype, a.device))


def addmm(input, mat1, mat2, *, beta=1, alpha=1, out=None):
    r = _unlaunched(mm, mat1, mat2)
    if input.shape != r.shape:
        expanded(input, tuple(r.shape))
    r = blank(r.shape, r.dtype, r.device)
    return _put(launched("addmm", (input, mat1, mat2), r), out)


def baddbmm(input, batch1, batch2, *, beta=1, alpha=1, out=None):
    r = _unlaunched(bmm, batch1, batch2)
    expanded(input, tuple(r.shape))
    return _put(launched("baddbmm", (input, batch1, batch2), r), out)


def _unlaunched(function, *args):
    """A result's shape, by the function that has it, which is not what is launched."""
    listener, _launches.listener = _launches.listener, None
    try:
        return function(*args)
    finally:
        _launches.listener = listener


def outer(input, vec2, *, out=None):
    if len(input.shape) != 1:
        raise RuntimeError("outer: Expected 1-D argument self, but got %d-D" % len(input.shape))
    if len(vec2.shape) != 1:
        raise RuntimeError("outer: Expected 1-D argument vec2, but got %d-D" % len(vec2.shape))
    return input.unsqueeze(1) * vec2


def einsum(equation, *operands):
    if not isinstance(equation, str):
        raise TypeError("einsum(): argument 'equation' (position 1) must be str")
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(
            "einsum(): %s operands were provided than specified in the equation"
            % ("more" if len(operands) > len(terms) else "fewer")
        )
    sizes = {}
    rest = Size()
    counts = {}
    for i, (term, t) in enumerate(zip(terms, operands)):
        lead, dots, tail = term.partition("...")
        named = len(lead) + len(tail)
        n = len(t.shape)
        if named > n or (not dots and named != n):
            raise RuntimeError(
                "einsum(): the number of subscripts in the equation (%d)%s does not match the number of dimensions (%d) for operand %d%s"
                % (
                    named,
                    " is more than" if False else "",
                    n,
                    i,
                    " and no ellipsis was given" if not dots else "",
                )
            )
        pairs = list(zip(lead, t.shape[: len(lead)]))
        if dots:
            rest = broadcast(rest, t.shape[len(lead) : n - len(tail)])
        pairs += list(zip(tail, t.shape[n - len(tail) :]))
        for name, d in pairs:
            counts[name] = counts.get(name, 0) + 1
            old = sizes.get(name)
            if old is None or old == 1:
                sizes[name] = d
            elif d != 1 and d != old:
                raise RuntimeError(
                    "einsum(): subscript %s has size %s for operand %d which does not broadcast with previously seen size %s"
                    % (name, d, i, old)
                )
    if not arrow:
        right = ("..." if "..." in left else "") + "".join(
            sorted([n for n in counts if counts[n] == 1])
        )
    out = []
    lead, dots, tail = right.partition("...")
    for name in lead:
        out.append(_einsum_size(sizes, name))
    if dots:
        out.extend(rest)
    for name in tail:
        out.append(_einsum_size(sizes, name))
    d, device = operands[0].dtype, operands[0].device
    for t in operands[1:]:
        if t.device != device:
            device = same_device(operands[0], t)
    if (
        len(operands) == 2
        and not dots
        and len(terms[0]) == 1
        and len(terms[1]) == 1
        and right == terms[0] + terms[1]
    ):
        return outer(operands[0], operands[1])
    return blank(Size(out), d, device)


def _einsum_size(sizes, name):
    if name not in sizes:
        raise RuntimeError(
            "einsum(): output subscript %s does not appear in the equation for any input operand"
            % name
        )
    return sizes[name]


from torch._tensor import Tensor  # noqa: E402
from torch._elementwise import argument_device, blank, same_device, valued, values_of  # noqa: E402
from torch._views import expanded  # noqa: E402
