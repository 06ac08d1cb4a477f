# Instance normalisation.
from torch.nn.modules.batchnorm import _NormBase


class _InstanceNorm(_NormBase):
    _affine_default = False
    _track_default = False


class InstanceNorm1d(_InstanceNorm):
    pass


class InstanceNorm2d(_InstanceNorm):
    pass


class InstanceNorm3d(_InstanceNorm):
    pass
