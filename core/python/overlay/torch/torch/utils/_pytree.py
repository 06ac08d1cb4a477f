# Nested containers as trees.
from collections import OrderedDict

Context = object
PyTree = object
_registry = {}


class TreeSpec:
    def __init__(self, type, context, children_specs):
        self.type = type
        self.context = context
        self.children_specs = children_specs
        self.num_leaves = 1 if type is None else sum([c.num_leaves for c in children_specs])

    def is_leaf(self):
        return self.type is None


class LeafSpec(TreeSpec):
    def __init__(self):
        super().__init__(None, None, [])


def register_pytree_node(cls, flatten_fn, unflatten_fn, *, serialized_type_name=None, **kwargs):
    _registry[cls] = (flatten_fn, unflatten_fn)


_register_pytree_node = register_pytree_node


def register_dataclass(cls, **kwargs):
    return None


def register_constant(cls):
    return None


def _parts(tree):
    c = type(tree)
    if c in _registry:
        children, context = _registry[c][0](tree)
        return list(children), context
    if isinstance(tree, (dict, OrderedDict)):
        return list(tree.values()), list(tree.keys())
    if isinstance(tree, (list, tuple)):
        return list(tree), None
    return None, None


def tree_flatten(tree, is_leaf=None):
    leaves = []
    return leaves, _flatten(tree, leaves, is_leaf)


def _flatten(tree, leaves, is_leaf):
    if is_leaf is not None and is_leaf(tree):
        children = None
    else:
        children, context = _parts(tree)
    if children is None:
        leaves.append(tree)
        return LeafSpec()
    return TreeSpec(type(tree), context, [_flatten(c, leaves, is_leaf) for c in children])


def tree_unflatten(leaves, treespec):
    it = iter(leaves)
    return _unflatten(it, treespec)


def _unflatten(it, spec):
    if spec.type is None:
        return next(it)
    children = [_unflatten(it, c) for c in spec.children_specs]
    if spec.type in _registry:
        return _registry[spec.type][1](children, spec.context)
    if spec.context is not None and issubclass(spec.type, dict):
        return spec.type(zip(spec.context, children))
    if hasattr(spec.type, "_fields"):
        return spec.type(*children)
    return spec.type(children)


def tree_map(func, tree, *rests, is_leaf=None):
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [tree_flatten(r, is_leaf)[0] for r in rests]
    return tree_unflatten([func(*xs) for xs in zip(leaves, *others)], spec)


def tree_map_(func, tree, *rests, is_leaf=None):
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def tree_map_only(types, func, tree=None, is_leaf=None):
    return tree_map(lambda x: func(x) if isinstance(x, types) else x, tree, is_leaf=is_leaf)


def tree_leaves(tree, is_leaf=None):
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree, is_leaf=None):
    return iter(tree_leaves(tree, is_leaf))


def tree_structure(tree, is_leaf=None):
    return tree_flatten(tree, is_leaf)[1]


def tree_all(pred, tree, is_leaf=None):
    return all([pred(x) for x in tree_leaves(tree, is_leaf)])


def tree_any(pred, tree, is_leaf=None):
    return any([pred(x) for x in tree_leaves(tree, is_leaf)])


def treespec_dumps(treespec, protocol=None):
    return ""


def __getattr__(name):
    return _real("torch.utils._pytree", name)


from torch._real import attribute as _real  # noqa: E402
