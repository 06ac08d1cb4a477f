# One distribution.
from torch.distributions.distribution import Distribution


class Normal(Distribution):
    pass
