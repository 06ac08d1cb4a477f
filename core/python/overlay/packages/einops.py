# einops: rearrange, repeat and reduce, by reshapes and permutations of the tensor that is given.
import _kdex

__version__ = _kdex.dist_version("einops") or "0.8.1"


class EinopsError(RuntimeError):
    pass


def _groups(text):
    """ "b (h w) ..." as lists of names; "..." stands for itself."""
    out, group = [], None
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            group = []
        elif word == ")":
            out.append(group)
            group = None
        elif group is not None:
            group.append(word)
        else:
            out.append([word])
    return out


def _spelled(groups, rest):
    """The groups with the names of the dimensions that "..." stands for."""
    out = []
    for group in groups:
        if group == ["..."]:
            out.extend([[name] for name in rest])
        else:
            out.append([n for name in group for n in (rest if name == "..." else [name])])
    return out


def _product(numbers):
    n = 1
    for x in numbers:
        n = n * x
    return n


def _sizes(left, shape, given):
    """Sizes by name, one of a group by division where it is not given."""
    sizes = dict(given)
    for group, size in zip(left, shape):
        open_names = [n for n in group if n not in sizes and n != "1" and not n.isdigit()]
        known = _product(
            [int(n) if n.isdigit() else sizes[n] for n in group if n not in open_names]
        )
        if len(open_names) > 1:
            raise EinopsError(f"could not infer sizes for {open_names}")
        if open_names:
            if known == 0 or size % known != 0:
                raise EinopsError(f"shape mismatch, can't divide axis of length {size} in {known}")
            sizes[open_names[0]] = size // known
        elif known != size:
            raise EinopsError(f"shape mismatch, {size} != {known}")
    return sizes


def _read(shape, pattern, given):
    left_text, arrow, right_text = pattern.partition("->")
    if not arrow:
        raise EinopsError(f"pattern has no '->': {pattern}")
    left, right = _groups(left_text), _groups(right_text)
    dots = ["..."] in left
    fixed = len(left) - (1 if dots else 0)
    if len(shape) < fixed or (not dots and len(shape) != fixed):
        raise EinopsError(
            f"expected {fixed} dimensions, got {len(shape)}-dim tensor: pattern {pattern}"
        )
    rest = [f"...{i}" for i in range(len(shape) - fixed)]
    left, right = _spelled(left, rest), _spelled(right, rest)
    return left, right, _sizes(left, shape, given)


def _size(sizes, name):
    return int(name) if name.isdigit() else sizes[name]


def _names(groups):
    return [name for group in groups for name in group if name != "1"]


def _stacked(tensor):
    if isinstance(tensor, (list, tuple)):
        import torch

        return torch.stack(list(tensor))
    return tensor


def _regroup(tensor, groups, sizes):
    shape = [_product([_size(sizes, n) for n in group]) for group in groups]
    return tensor if list(tensor.shape) == shape else tensor.reshape(*shape)


def rearrange(tensor, pattern, **sizes):
    tensor = _stacked(tensor)
    left, right, sizes = _read(tensor.shape, pattern, sizes)
    before, after = _names(left), _names(right)
    if sorted(before) != sorted(after):
        raise EinopsError(f"identifiers only on one side of the pattern: {pattern}")
    apart = _regroup(tensor, [[n] for n in before], sizes)
    if before != after:
        apart = apart.permute(*[before.index(n) for n in after])
    return _regroup(apart, right, sizes)


def repeat(tensor, pattern, **sizes):
    tensor = _stacked(tensor)
    left, right, sizes = _read(tensor.shape, pattern, sizes)
    before, after = _names(left), _names(right)
    apart = _regroup(tensor, [[n] for n in before], sizes)
    kept = [n for n in after if n in before]
    if kept != before:
        apart = apart.permute(*[before.index(n) for n in kept])
    for i, n in enumerate(after):
        if n not in before:
            apart = apart.unsqueeze(i)
    return _regroup(apart.expand(*[_size(sizes, n) for n in after]), right, sizes)


def reduce(tensor, pattern, reduction, **sizes):
    tensor = _stacked(tensor)
    left, right, sizes = _read(tensor.shape, pattern, sizes)
    before, after = _names(left), _names(right)
    apart = _regroup(tensor, [[n] for n in before], sizes)
    gone = [i for i, n in enumerate(before) if n not in after]
    kept = [n for n in before if n in after]
    if gone:
        apart = (
            reduction(apart, tuple(gone))
            if callable(reduction)
            else getattr(apart, {"max": "amax", "min": "amin"}.get(reduction, reduction))(
                dim=tuple(gone)
            )
        )
    if kept != after:
        apart = apart.permute(*[kept.index(n) for n in after])
    return _regroup(apart, right, sizes)
