# The base of optimisers.
class Optimizer:
    def __init__(self, params, defaults=None, **kwargs):
        self.param_groups = [{"params": list(params)}]
        self.defaults = defaults
        self.state = {}

    def step(self, closure=None):
        return None

    def zero_grad(self, set_to_none=True):
        return None
