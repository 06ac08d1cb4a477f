# Utilities on modules and parameters.
from torch.nn.utils import parametrizations, parametrize, rnn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm


def remove_weight_norm(module, name="weight"):
    return module


def remove_spectral_norm(module, name="weight"):
    return module


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    return None


clip_grad_norm = clip_grads_with_norm_ = get_total_norm = clip_grad_value_ = clip_grad_norm_


def parameters_to_vector(parameters):
    from torch import cat

    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec, parameters):
    return None


def skip_init(module_cls, *args, **kwargs):
    return module_cls(*args, **kwargs)


def fuse_conv_bn_eval(conv, bn, transpose=False):
    return conv
