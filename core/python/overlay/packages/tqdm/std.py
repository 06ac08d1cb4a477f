# tqdm.std.
from tqdm import tqdm, trange


class EMA:
    """An exponential moving average, corrected for its start."""

    def __init__(self, smoothing=0.3):
        self.alpha, self.last, self.calls = smoothing, 0, 0

    def __call__(self, x=None):
        keep = 1 - self.alpha
        if x is not None:
            self.last = self.alpha * x + keep * self.last
            self.calls += 1
        return self.last / (1 - keep**self.calls) if self.calls else self.last
