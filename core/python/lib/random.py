# random: a small generator, the same numbers in every run unless seeded.


class Random:
    def __init__(self, x=None):
        self.seed(x)

    def seed(self, a=None, version=2):
        if isinstance(a, (str, bytes)):
            a = int.from_bytes(a.encode() if isinstance(a, str) else a, "big")
        self._s = (int(a or 0) * 2 + 0x9E3779B97F4A7C15) % 2**64

    def _next(self):
        self._s = (self._s + 0x9E3779B97F4A7C15) % 2**64
        z = self._s
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return z ^ z >> 31

    def random(self):
        return (self._next() >> 11) / 2**53

    def getrandbits(self, k):
        n = 0
        for _ in range((k + 63) // 64):
            n = n << 64 | self._next()
        return n & (1 << k) - 1

    def randbytes(self, n):
        return self.getrandbits(8 * n).to_bytes(n, "little")

    def randrange(self, start, stop=None, step=1):
        r = range(start) if stop is None else range(start, stop, step)
        if not r:
            raise ValueError("empty range for randrange()")
        return r[self._next() % len(r)]

    def randint(self, a, b):
        return self.randrange(a, b + 1)

    def uniform(self, a, b):
        return a + (b - a) * self.random()

    def choice(self, seq):
        if not len(seq):
            raise IndexError("Cannot choose from an empty sequence")
        return seq[self._next() % len(seq)]

    def choices(self, population, weights=None, *, cum_weights=None, k=1):
        return [self.choice(population) for _ in range(k)]

    def shuffle(self, x):
        for i in range(len(x) - 1, 0, -1):
            j = self._next() % (i + 1)
            x[i], x[j] = x[j], x[i]

    def sample(self, population, k, *, counts=None):
        p = list(population)
        if not 0 <= k <= len(p):
            raise ValueError("Sample larger than population or is negative")
        self.shuffle(p)
        return p[:k]

    def gauss(self, mu=0.0, sigma=1.0):
        return mu + sigma * (sum([self.random() for _ in range(12)]) - 6)

    normalvariate = gauss

    def expovariate(self, lambd=1.0):
        from math import log
        return -log(1 - self.random()) / lambd

    def getstate(self):
        return self._s

    def setstate(self, s):
        self._s = s


SystemRandom = Random
_inst = Random()
seed, random, getrandbits, randbytes, randrange, randint, uniform = _inst.seed, _inst.random, _inst.getrandbits, _inst.randbytes, _inst.randrange, _inst.randint, _inst.uniform
choice, choices, shuffle, sample, gauss, normalvariate, expovariate, getstate, setstate = _inst.choice, _inst.choices, _inst.shuffle, _inst.sample, _inst.gauss, _inst.normalvariate, _inst.expovariate, _inst.getstate, _inst.setstate
