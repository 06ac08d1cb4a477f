# One distribution.
from torch.distributions.distribution import Distribution


class Categorical(Distribution):
    pass
