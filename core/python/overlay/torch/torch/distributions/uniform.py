# One distribution.
from torch.distributions.distribution import Distribution


class Uniform(Distribution):
    pass
