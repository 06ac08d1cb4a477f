# The module: registration of parameters, buffers and submodules, and walks over them.
from collections import OrderedDict, namedtuple

from torch import _launches
from torch._tensor import Tensor
from torch.nn.parameter import Buffer, Parameter
from torch.utils.hooks import RemovableHandle


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    __slots__ = ()

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return "_IncompatibleKeys(missing_keys=%s, unexpected_keys=%s)" % (
            self.missing_keys,
            self.unexpected_keys,
        )

    __str__ = __repr__


def _indent(text, spaces):
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    return lines[0] + "\n" + "\n".join([" " * spaces + line for line in lines[1:]])


_set = object.__setattr__


class Module:
    dump_patches = False
    _version = 1
    training = True
    _kdex_keeps_call = True
    call_super_init = False
    _compiled_call_impl = None

    def __init__(self, *args, **kwargs):
        if self.call_super_init is False and kwargs:
            raise TypeError(
                "%s.__init__() got an unexpected keyword argument '%s'"
                % (type(self).__name__, next(iter(kwargs)))
            )
        if self.call_super_init is False and args:
            raise TypeError(
                "%s.__init__() takes 1 positional argument but %d were given"
                % (type(self).__name__, len(args) + 1)
            )
        d = self.__dict__
        d["training"] = True
        d["_parameters"] = {}
        d["_buffers"] = {}
        d["_non_persistent_buffers_set"] = set()
        d["_backward_pre_hooks"] = {}
        d["_backward_hooks"] = {}
        d["_is_full_backward_hook"] = None
        d["_forward_hooks"] = {}
        d["_forward_hooks_with_kwargs"] = {}
        d["_forward_hooks_always_called"] = {}
        d["_forward_pre_hooks"] = {}
        d["_forward_pre_hooks_with_kwargs"] = {}
        d["_state_dict_hooks"] = {}
        d["_state_dict_pre_hooks"] = {}
        d["_load_state_dict_pre_hooks"] = {}
        d["_load_state_dict_post_hooks"] = {}
        d["_modules"] = {}
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *input):
        raise NotImplementedError(
            'Module [%s] is missing the required "forward" function' % type(self).__name__
        )

    # ---------------------------------------------------------------- attributes
    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            d = self.__dict__
            params = d.get("_parameters")
            if params is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            if name not in params:
                _forget(d, name, "_buffers", "_modules")
                self.register_parameter(name, value)
            else:
                params[name] = _registered(_parameter_hooks, self, name, value)
            return
        if isinstance(value, Module):
            d = self.__dict__
            modules = d.get("_modules")
            if modules is None:
                raise AttributeError("cannot assign module before Module.__init__() call")
            if name not in modules:
                _forget(d, name, "_parameters", "_buffers")
            modules[name] = _registered(_module_hooks, self, name, value)
            return
        d = self.__dict__
        params = d.get("_parameters")
        if params is None:
            _set(self, name, value)
            return
        if name in params:
            if value is not None:
                raise TypeError(
                    "cannot assign '%s' as parameter '%s' (torch.nn.Parameter or None expected)"
                    % (_type_text(value), name)
                )
            params[name] = None
            return
        if name in d["_modules"]:
            if value is not None:
                raise TypeError(
                    "cannot assign '%s' as child module '%s' (torch.nn.Module or None expected)"
                    % (_type_text(value), name)
                )
            d["_modules"][name] = _registered(_module_hooks, self, name, None)
            return
        buffers = d["_buffers"]
        if name in buffers:
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(
                    "cannot assign '%s' as buffer '%s' (torch.nn.Buffer, torch.Tensor or None expected)"
                    % (_type_text(value), name)
                )
            if isinstance(value, Buffer):
                self.register_buffer(name, value, value.persistent)
            else:
                buffers[name] = _registered(_buffer_hooks, self, name, value)
            return
        if isinstance(value, Buffer):
            _forget(d, name, "_parameters", "_modules")
            self.register_buffer(name, value, value.persistent)
            return
        _set(self, name, value)

    def __getattr__(self, name):
        d = self.__dict__
        p = d.get("_parameters")
        if p is not None and name in p:
            return p[name]
        p = d.get("_buffers")
        if p is not None and name in p:
            return p[name]
        p = d.get("_modules")
        if p is not None and name in p:
            return p[name]
        lacks = "'%s' object has no attribute '%s'" % (type(self).__name__, name)
        raise AttributeError(lacks, name=name, obj=self)

    def __delattr__(self, name):
        if name in self._parameters:
            del self._parameters[name]
        elif name in self._buffers:
            del self._buffers[name]
            self._non_persistent_buffers_set.discard(name)
        elif name in self._modules:
            del self._modules[name]
        else:
            object.__delattr__(self, name)

    def __dir__(self):
        keys = (
            list(dir(type(self)))
            + list(self.__dict__)
            + list(self._parameters)
            + list(self._modules)
            + list(self._buffers)
        )
        return sorted([k for k in set(keys) if not k[0].isdigit()])

    def register_parameter(self, name, param):
        params = self.__dict__.get("_parameters")
        if params is None:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        _check_name(self, name, "parameter", params)
        if param is None:
            params[name] = None
        elif not isinstance(param, Parameter) and not _is_unknown(param):
            raise TypeError(
                "cannot assign '%s' object to parameter '%s' (torch.nn.Parameter or None required)"
                % (_type_text(param), name)
            )
        else:
            params[name] = _registered(_parameter_hooks, self, name, param)

    def register_buffer(self, name, tensor, persistent=True):
        buffers = self.__dict__.get("_buffers")
        if buffers is None:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        _check_name(self, name, "buffer", buffers)
        if tensor is not None and not isinstance(tensor, Tensor) and not _is_unknown(tensor):
            raise TypeError(
                "cannot assign '%s' object to buffer '%s' (torch Tensor or None required)"
                % (_type_text(tensor), name)
            )
        buffers[name] = _registered(_buffer_hooks, self, name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name, module):
        if module is not None and not isinstance(module, Module):
            raise TypeError(_type_text(module) + " is not a Module subclass")
        _check_name(self, name, "module", self._modules)
        self._modules[name] = _registered(_module_hooks, self, name, module)

    def register_module(self, name, module):
        self.add_module(name, module)

    def get_submodule(self, target):
        if target == "":
            return self
        m = self
        for item in target.split("."):
            if not hasattr(m, item):
                raise AttributeError(m._get_name() + " has no attribute `" + item + "`")
            m = getattr(m, item)
            if not isinstance(m, Module):
                raise AttributeError("`" + item + "` is not an nn.Module")
        return m

    def set_submodule(self, target, module, strict=False):
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        head, dot, name = target.rpartition(".")
        setattr(self.get_submodule(head), name, module)

    def get_parameter(self, target):
        head, dot, name = target.rpartition(".")
        m = self.get_submodule(head)
        if not hasattr(m, name):
            raise AttributeError(m._get_name() + " has no attribute `" + name + "`")
        p = getattr(m, name)
        if not isinstance(p, Parameter):
            raise AttributeError("`" + name + "` is not an nn.Parameter")
        return p

    def get_buffer(self, target):
        head, dot, name = target.rpartition(".")
        m = self.get_submodule(head)
        if not hasattr(m, name):
            raise AttributeError(m._get_name() + " has no attribute `" + name + "`")
        if name not in m._buffers:
            raise AttributeError("`" + name + "` is not a buffer")
        return getattr(m, name)

    def get_extra_state(self):
        raise RuntimeError(
            "Reached a code path in Module.get_extra_state() that should never be called."
        )

    def set_extra_state(self, state):
        raise RuntimeError(
            "Reached a code path in Module.set_extra_state() that should never be called."
        )

    # ---------------------------------------------------------------- conversion
    def _apply(self, fn, recurse=True):
        if recurse:
            for m in self.children():
                m._apply(fn)
        for key, p in self._parameters.items():
            if p is not None:
                p.data = fn(p)
                if p.grad is not None:
                    p.grad = fn(p.grad)
        for key, b in self._buffers.items():
            if b is not None:
                self._buffers[key] = fn(b)
        return self

    def apply(self, fn):
        for m in self.children():
            m.apply(fn)
        fn(self)
        return self

    def to(
        self, *args, dtype=None, device=None, non_blocking=False, memory_format=None, copy=False
    ):
        for a in args:
            if isinstance(a, Tensor):
                dtype, device = a.dtype, a.device
            elif hasattr(a, "is_floating_point"):
                dtype = a
            elif a is not None and not isinstance(a, bool):
                device = a
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=%s"
                % dtype
            )
        return self._apply(
            lambda t: t.to(device=device, dtype=dtype if t.dtype._level > 1 else None)
        )

    def to_empty(self, *, device, recurse=True):
        from torch._factories import empty_like

        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def cuda(self, device=None):
        return self._apply(lambda t: t.cuda(device))

    def cpu(self):
        return self._apply(lambda t: t.cpu())

    def type(self, dst_type):
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        return self._apply(lambda t: t.float() if t.dtype.is_floating_point else t)

    def double(self):
        return self._apply(lambda t: t.double() if t.dtype.is_floating_point else t)

    def half(self):
        return self._apply(lambda t: t.half() if t.dtype.is_floating_point else t)

    def bfloat16(self):
        return self._apply(lambda t: t.bfloat16() if t.dtype.is_floating_point else t)

    def share_memory(self):
        return self

    # ---------------------------------------------------------------- walks
    def parameters(self, recurse=True):
        for name, p in self.named_parameters(recurse=recurse):
            yield p

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return _members(self, "_parameters", prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        for name, b in self.named_buffers(recurse=recurse):
            yield b

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        return _members(self, "_buffers", prefix, recurse, remove_duplicate)

    def _named_members(self, get_members_fn, prefix="", recurse=True, remove_duplicate=True):
        memo = set()
        for where, m in (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        ):
            for k, v in get_members_fn(m):
                if v is None or id(v) in memo:
                    continue
                if remove_duplicate:
                    memo.add(id(v))
                yield (where + "." if where else "") + k, v

    def children(self):
        for name, m in self.named_children():
            yield m

    def named_children(self):
        memo = set()
        for name, m in self._modules.items():
            if m is not None and id(m) not in memo:
                memo.add(id(m))
                yield name, m

    def modules(self, remove_duplicate=True):
        for name, m in self.named_modules(remove_duplicate=remove_duplicate):
            yield m

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        if memo is None:
            memo = set()
        out = []
        _collect(self, memo, prefix, remove_duplicate, out)
        return iter(out)

    def train(self, mode=True):
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for m in self.children():
            m.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        return None

    def compile(self, *args, **kwargs):
        return None

    # ---------------------------------------------------------------- state
    def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
        if args:
            destination = args[0]
            if len(args) > 1:
                prefix = args[1]
            if len(args) > 2:
                keep_vars = args[2]
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, m in self._modules.items():
            if m is not None:
                m.state_dict(
                    destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars
                )
        for hook in self._state_dict_hooks.values():
            r = hook(self, destination, prefix, {})
            if r is not None:
                destination = r
        return destination

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        for name, p in self._parameters.items():
            if p is not None:
                destination[prefix + name] = p if keep_vars else p.detach()
        for name, b in self._buffers.items():
            if b is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = b if keep_vars else b.detach()
        if type(self).get_extra_state is not Module.get_extra_state:
            destination[prefix + "_extra_state"] = self.get_extra_state()

    def _load_from_state_dict(
        self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
    ):
        for hook in self._load_state_dict_pre_hooks.values():
            hook(
                state_dict,
                prefix,
                local_metadata,
                strict,
                missing_keys,
                unexpected_keys,
                error_msgs,
            )
        own = {}
        for name, p in self._parameters.items():
            if p is not None:
                own[name] = p
        for name, b in self._buffers.items():
            if b is not None and name not in self._non_persistent_buffers_set:
                own[name] = b
        for name, t in own.items():
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
                continue
            new = state_dict[key]
            if new.shape != t.shape:
                error_msgs.append(
                    "size mismatch for %s: copying a param with shape %s from checkpoint, the shape in current model is %s."
                    % (key, new.shape, t.shape)
                )
                continue
            t.data.copy_(new)
        if strict:
            for key in state_dict:
                if key.startswith(prefix):
                    rest = key[len(prefix) :].split(".", 1)
                    if len(rest) > 1:
                        if rest[0] not in self._modules:
                            unexpected_keys.append(key)
                    elif rest[0] not in own:
                        unexpected_keys.append(key)

    def load_state_dict(self, state_dict, strict=True, assign=False):
        missing, unexpected, errors = [], [], []

        def load(m, prefix):
            m._load_from_state_dict(state_dict, prefix, {}, True, missing, unexpected, errors)
            for name, child in m._modules.items():
                if child is not None:
                    load(child, prefix + name + ".")

        load(self, "")
        result = _IncompatibleKeys(missing, unexpected)
        for hook in self._load_state_dict_post_hooks.values():
            hook(self, result)
        if strict:
            if unexpected:
                errors.insert(
                    0,
                    "Unexpected key(s) in state_dict: "
                    + ", ".join(['"%s"' % k for k in unexpected])
                    + ". ",
                )
            if missing:
                errors.insert(
                    0,
                    "Missing key(s) in state_dict: "
                    + ", ".join(['"%s"' % k for k in missing])
                    + ". ",
                )
        if errors:
            raise RuntimeError(
                "Error(s) in loading state_dict for %s:\n\t%s"
                % (type(self).__name__, "\n\t".join(errors))
            )
        return result

    # ---------------------------------------------------------------- calls and hooks
    def __call__(self, *args, **kwargs):
        if not self._forward_hooks and not self._forward_pre_hooks:
            listener = _launches.listener
            return (
                self.forward(*args, **kwargs)
                if listener is None
                else listener.run(self, args, kwargs)
            )
        for i, hook in list(self._forward_pre_hooks.items()):
            if i in self._forward_pre_hooks_with_kwargs:
                r = hook(self, args, kwargs)
                if r is not None:
                    args, kwargs = r
            else:
                r = hook(self, args)
                if r is not None:
                    args = r if isinstance(r, tuple) else (r,)
        listener = _launches.listener
        result = (
            self.forward(*args, **kwargs) if listener is None else listener.run(self, args, kwargs)
        )
        for i, hook in list(self._forward_hooks.items()):
            r = (
                hook(self, args, kwargs, result)
                if i in self._forward_hooks_with_kwargs
                else hook(self, args, result)
            )
            if r is not None:
                result = r
        return result

    _call_impl = __call__

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        h = _hooked(self._forward_pre_hooks, hook, prepend)
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[h.id] = True
        return h

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        h = _hooked(self._forward_hooks, hook, prepend)
        if with_kwargs:
            self._forward_hooks_with_kwargs[h.id] = True
        if always_call:
            self._forward_hooks_always_called[h.id] = True
        return h

    def register_backward_hook(self, hook):
        return _hooked(self._backward_hooks, hook, False)

    def register_full_backward_hook(self, hook, prepend=False):
        return _hooked(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        return _hooked(self._backward_pre_hooks, hook, prepend)

    def register_state_dict_pre_hook(self, hook):
        return _hooked(self._state_dict_pre_hooks, hook, False)

    def _register_state_dict_hook(self, hook):
        return _hooked(self._state_dict_hooks, hook, False)

    register_state_dict_post_hook = _register_state_dict_hook

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        if with_module:
            return _hooked(self._load_state_dict_pre_hooks, lambda *args: hook(self, *args), False)
        return _hooked(self._load_state_dict_pre_hooks, hook, False)

    def register_load_state_dict_pre_hook(self, hook):
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def register_load_state_dict_post_hook(self, hook):
        return _hooked(self._load_state_dict_post_hooks, hook, False)

    # ---------------------------------------------------------------- text
    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        children = []
        for key, m in self._modules.items():
            children.append("(" + key + "): " + _indent(repr(m), 2))
        lines = extra_lines + children
        text = self._get_name() + "("
        if lines:
            if len(extra_lines) == 1 and not children:
                text += extra_lines[0]
            else:
                text += "\n  " + "\n  ".join(lines) + "\n"
        return text + ")"


def _type_text(v):
    """As torch.typename shows the type of a value."""
    c = type(v)
    if isinstance(v, Tensor) and c is Tensor:
        return v.type()
    module = c.__module__
    if module in ("builtins", "__builtin__", None):
        return c.__qualname__
    return module + "." + c.__qualname__


def _is_unknown(v):
    import _kdex

    return _kdex.is_unknown(v)


def _forget(d, name, first, second):
    d.pop(name, None)
    at = d.get(first)
    if at is not None:
        at.pop(name, None)
    at = d.get(second)
    if at is not None:
        at.pop(name, None)
    d["_non_persistent_buffers_set"].discard(name)


def _check_name(m, name, what, at):
    if not isinstance(name, str):
        if what == "module":
            raise TypeError("module name should be a string. Got " + type(name).__name__)
        raise TypeError("%s name should be a string. Got %s" % (what, _type_text(name)))
    if what == "module":
        if name not in at and hasattr(m, name):
            raise KeyError("attribute '%s' already exists" % name)
        if "." in name:
            raise KeyError('module name can\'t contain ".", got: ' + name)
        if name == "":
            raise KeyError('module name can\'t be empty string ""')
        return
    if "." in name:
        raise KeyError('%s name can\'t contain "."' % what)
    if name == "":
        raise KeyError('%s name can\'t be empty string ""' % what)
    if name not in at and hasattr(m, name):
        raise KeyError("attribute '%s' already exists" % name)


def _hooked(hooks, hook, prepend):
    h = RemovableHandle(hooks)
    hooks[h.id] = hook
    if prepend:
        rest = {k: v for k, v in hooks.items() if k != h.id}
        for k in rest:
            del hooks[k]
        hooks.update(rest)
    return h


def _collect(m, memo, prefix, remove_duplicate, out):
    if remove_duplicate:
        if id(m) in memo:
            return
        memo.add(id(m))
    out.append((prefix, m))
    for name, child in m._modules.items():
        if child is not None:
            where = prefix + "." + name if prefix else name
            if (
                "named_modules" in child.__dict__
                or type(child).named_modules is not Module.named_modules
            ):
                out.extend(child.named_modules(memo, where, remove_duplicate))
            else:
                _collect(child, memo, where, remove_duplicate, out)


def _members(m, kind, prefix, recurse, remove_duplicate):
    memo = set()
    for where, child in (
        m.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        if recurse
        else [(prefix, m)]
    ):
        for k, v in child.__dict__[kind].items():
            if v is None or id(v) in memo:
                continue
            if remove_duplicate:
                memo.add(id(v))
            yield (where + "." + k if where else k), v


def register_module_forward_pre_hook(hook):
    return RemovableHandle({})


register_module_forward_hook = register_module_full_backward_hook = register_module_forward_pre_hook


# Hooks that see what any module registers, and may give another object in its place.
_module_hooks, _parameter_hooks, _buffer_hooks = OrderedDict(), OrderedDict(), OrderedDict()


def _registered(hooks, module, name, value):
    if hooks:
        for hook in list(hooks.values()):
            made = hook(module, name, value)
            if made is not None:
                value = made
    return value


def _add_hook(hooks, hook):
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def register_module_module_registration_hook(hook):
    return _add_hook(_module_hooks, hook)


def register_module_parameter_registration_hook(hook):
    return _add_hook(_parameter_hooks, hook)


def register_module_buffer_registration_hook(hook):
    return _add_hook(_buffer_hooks, hook)
