# The normal distribution.
import math

from torch.distributions.distribution import Distribution


class Normal(Distribution):
    """loc and scale are broadcast; numbers become tensors of the other's dtype and device."""

    def __init__(self, loc, scale, validate_args=None):
        import torch

        like = loc if isinstance(loc, torch.Tensor) else scale
        given = {}
        if isinstance(like, torch.Tensor):
            given = {"dtype": like.dtype, "device": like.device}
        parts = [
            x if isinstance(x, torch.Tensor) else torch.tensor(float(x), **given)
            for x in (loc, scale)
        ]
        self.loc, self.scale = torch.broadcast_tensors(*parts)

    @property
    def mean(self):
        return self.loc

    @property
    def stddev(self):
        return self.scale

    @property
    def variance(self):
        return self.stddev.pow(2)

    def icdf(self, value):
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def cdf(self, value):
        return 0.5 * (1 + ((value - self.loc) * self.scale.reciprocal() / math.sqrt(2)).erf())
