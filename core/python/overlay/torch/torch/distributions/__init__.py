# Distributions: the classes only.
from torch.distributions import categorical, constraints, distribution, normal, transforms, uniform  # noqa: F401
from torch.distributions.distribution import Distribution
from torch.distributions.normal import Normal
from torch.distributions.categorical import Categorical
from torch.distributions.uniform import Uniform


class Bernoulli(Distribution):
    pass


class Beta(Distribution):
    pass


class StudentT(Distribution):
    pass


class NegativeBinomial(Distribution):
    pass


class Independent(Distribution):
    pass


class AffineTransform:
    pass


class TransformedDistribution(Distribution):
    pass


class MultivariateNormal(Distribution):
    pass


def __getattr__(name):
    return _real("torch.distributions", name)


from torch._real import attribute as _real  # noqa: E402
