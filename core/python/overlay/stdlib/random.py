# random: the Mersenne Twister with CPython's ways of seeding and drawing, so that a seed gives CPython's numbers.
# Unseeded it starts from one fixed seed: the same numbers in every run.
import math as _math
from itertools import accumulate as _accumulate

_N, _M = 624, 397
_MASK = 0xFFFFFFFF


class Random:
    def __init__(self, x=None):
        self.seed(x)

    # ---- the generator; its state is made when the first number is drawn

    def seed(self, a=None, version=2):
        if isinstance(a, (str, bytes, bytearray)):
            import hashlib

            data = a.encode() if isinstance(a, str) else bytes(a)
            a = int.from_bytes(data + hashlib.sha512(data).digest(), "big")
        elif a is not None and not isinstance(a, (int, float)):
            raise TypeError(
                "The only supported seed types are: None,\nint, float, str, bytes, and bytearray."
            )
        self._seed = abs(a if isinstance(a, int) else 0 if a is None else hash(a))
        self._state, self._at, self.gauss_next = None, _N, None

    def _begin(self):
        def spread(seed):
            state = [seed & _MASK]
            for i in range(1, _N):
                last = state[-1]
                state.append((1812433253 * (last ^ last >> 30) + i) & _MASK)
            return state

        key, rest = [], self._seed
        while rest or not key:
            key.append(rest & _MASK)
            rest >>= 32
        state = spread(19650218)
        i, j = 1, 0
        for _ in range(max(_N, len(key))):
            last = state[i - 1]
            state[i] = ((state[i] ^ (last ^ last >> 30) * 1664525) + key[j] + j) & _MASK
            i, j = i + 1, (j + 1) % len(key)
            if i == _N:
                state[0], i = state[_N - 1], 1
        for _ in range(_N - 1):
            last = state[i - 1]
            state[i] = ((state[i] ^ (last ^ last >> 30) * 1566083941) - i) & _MASK
            i += 1
            if i == _N:
                state[0], i = state[_N - 1], 1
        state[0] = 0x80000000
        self._state = state

    def _word(self):
        if self._at >= _N:
            if self._state is None:
                self._begin()
            state = self._state
            for i in range(_N):
                y = state[i] & 0x80000000 | state[(i + 1) % _N] & 0x7FFFFFFF
                state[i] = state[(i + _M) % _N] ^ y >> 1 ^ (0x9908B0DF if y & 1 else 0)
            self._at = 0
        y = self._state[self._at]
        self._at += 1
        y ^= y >> 11
        y ^= y << 7 & 0x9D2C5680
        y ^= y << 15 & 0xEFC60000
        return y ^ y >> 18

    def getstate(self):
        if self._state is None:
            self._begin()
        return 3, (*self._state, self._at), self.gauss_next

    def setstate(self, state):
        version, internal, self.gauss_next = state
        if version != 3:
            raise ValueError(
                f"state with version {version} passed to Random.setstate() of version 3"
            )
        *self._state, self._at = internal

    # ---- whole numbers

    def random(self):
        high, low = self._word() >> 5, self._word() >> 6
        return (high * 67108864.0 + low) / 9007199254740992.0

    def getrandbits(self, k):
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        out = shift = 0
        while k > 0:
            word = self._word()
            out |= (word >> 32 - k if k < 32 else word) << shift
            shift, k = shift + 32, k - 32
        return out

    def randbytes(self, n):
        return self.getrandbits(8 * n).to_bytes(n, "little")

    def _below(self, n):
        bits = n.bit_length()
        drawn = self.getrandbits(bits)
        while drawn >= n:
            drawn = self.getrandbits(bits)
        return drawn

    def randrange(self, start, stop=None, step=1):
        r = range(start) if stop is None else range(start, stop, step)
        if not r:
            raise ValueError(
                f"empty range for randrange() ({r.start}, {r.stop}, {r.stop - r.start})"
                if stop is not None and step == 1
                else "empty range for randrange()"
            )
        return r[self._below(len(r))]

    def randint(self, a, b):
        return self.randrange(a, b + 1)

    # ---- sequences

    def choice(self, seq):
        if not len(seq):
            raise IndexError("Cannot choose from an empty sequence")
        return seq[self._below(len(seq))]

    def shuffle(self, x):
        for i in range(len(x) - 1, 0, -1):
            j = self._below(i + 1)
            x[i], x[j] = x[j], x[i]

    def sample(self, population, k, *, counts=None):
        if counts is not None:
            sums = list(_accumulate(counts))
            import bisect

            return [population[bisect.bisect(sums, i)] for i in self.sample(range(sums[-1]), k)]
        n = len(population)
        if not 0 <= k <= n:
            raise ValueError("Sample larger than population or is negative")
        small = 21 + (4 ** _math.ceil(_math.log(k * 3, 4)) if k > 5 else 0)
        out = []
        if n <= small:
            pool = list(population)
            for i in range(k):
                j = self._below(n - i)
                out.append(pool[j])
                pool[j] = pool[n - i - 1]
            return out
        taken = set()
        while len(out) < k:
            j = self._below(n)
            if j not in taken:
                taken.add(j)
                out.append(population[j])
        return out

    def choices(self, population, weights=None, *, cum_weights=None, k=1):
        n = len(population)
        if weights is None and cum_weights is None:
            return [population[_math.floor(self.random() * (n + 0.0))] for _ in range(k)]
        if weights is not None and cum_weights is not None:
            raise TypeError("Cannot specify both weights and cumulative weights")
        sums = list(_accumulate(weights)) if cum_weights is None else list(cum_weights)
        if len(sums) != n:
            raise ValueError("The number of weights does not match the population")
        total = sums[-1] + 0.0
        if total <= 0.0:
            raise ValueError("Total of weights must be greater than zero")
        import bisect

        return [population[bisect.bisect(sums, self.random() * total, 0, n - 1)] for _ in range(k)]

    # ---- real numbers

    def uniform(self, a, b):
        return a + (b - a) * self.random()

    def triangular(self, low=0.0, high=1.0, mode=None):
        u = self.random()
        if high == low:
            return low
        c = 0.5 if mode is None else (mode - low) / (high - low)
        if u > c:
            u, c, low, high = 1.0 - u, 1.0 - c, high, low
        return low + (high - low) * _math.sqrt(u * c)

    def gauss(self, mu=0.0, sigma=1.0):
        z, self.gauss_next = self.gauss_next, None
        if z is None:
            angle = self.random() * 2.0 * _math.pi
            radius = _math.sqrt(-2.0 * _math.log(1.0 - self.random()))
            z, self.gauss_next = _math.cos(angle) * radius, _math.sin(angle) * radius
        return mu + z * sigma

    def normalvariate(self, mu=0.0, sigma=1.0):
        ratio = 4 * _math.exp(-0.5) / _math.sqrt(2.0)
        while True:
            u, v = self.random(), 1.0 - self.random()
            z = ratio * (u - 0.5) / v
            if z * z / 4.0 <= -_math.log(v):
                return mu + z * sigma

    def lognormvariate(self, mu, sigma):
        return _math.exp(self.normalvariate(mu, sigma))

    def expovariate(self, lambd):
        return -_math.log(1.0 - self.random()) / lambd

    def gammavariate(self, alpha, beta):
        if alpha <= 0.0 or beta <= 0.0:
            raise ValueError("gammavariate: alpha and beta must be > 0.0")
        if alpha == 1.0:
            return -_math.log(1.0 - self.random()) * beta
        if alpha > 1.0:
            a = _math.sqrt(2.0 * alpha - 1.0)
            b, c = alpha - _math.log(4.0), alpha + a
            while True:
                u = self.random()
                if not 1e-7 < u < 0.9999999:
                    continue
                w = 1.0 - self.random()
                v = _math.log(u / (1.0 - u)) / a
                x = alpha * _math.exp(v)
                z, r = u * u * w, b + c * v - x
                if r + 1.0 + _math.log(4.5) - 4.5 * z >= 0.0 or r >= _math.log(z):
                    return x * beta
        while True:
            b = (_math.e + alpha) / _math.e
            p = b * self.random()
            x = p ** (1.0 / alpha) if p <= 1.0 else -_math.log((b - p) / alpha)
            u = self.random()
            if u <= (x ** (alpha - 1.0) if p > 1.0 else _math.exp(-x)):
                return x * beta

    def betavariate(self, alpha, beta):
        y = self.gammavariate(alpha, 1.0)
        return y / (y + self.gammavariate(beta, 1.0)) if y else 0.0

    def paretovariate(self, alpha):
        return (1.0 - self.random()) ** (-1.0 / alpha)

    def weibullvariate(self, alpha, beta):
        return alpha * (-_math.log(1.0 - self.random())) ** (1.0 / beta)


class SystemRandom(Random):
    pass


_inst = Random()
seed, random, getrandbits, randbytes, randrange, randint = (
    _inst.seed,
    _inst.random,
    _inst.getrandbits,
    _inst.randbytes,
    _inst.randrange,
    _inst.randint,
)
choice, shuffle, sample, choices, uniform, triangular = (
    _inst.choice,
    _inst.shuffle,
    _inst.sample,
    _inst.choices,
    _inst.uniform,
    _inst.triangular,
)
gauss, normalvariate, lognormvariate, expovariate, gammavariate = (
    _inst.gauss,
    _inst.normalvariate,
    _inst.lognormvariate,
    _inst.expovariate,
    _inst.gammavariate,
)
betavariate, paretovariate, weibullvariate, getstate, setstate = (
    _inst.betavariate,
    _inst.paretovariate,
    _inst.weibullvariate,
    _inst.getstate,
    _inst.setstate,
)
