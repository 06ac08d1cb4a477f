# The base of distributions.
class Distribution:
    def __init__(self, *args, **kwargs):
        self.args = args
        self.loc = args[0] if args else kwargs.get("loc")

    def sample(self, sample_shape=()):
        t = self.loc
        return t.new_empty(tuple(sample_shape) + tuple(t.shape))

    rsample = sample
