# Seeded random numbers are CPython's.
import random

random.seed(0)
print(
    random.random(),
    random.randint(1, 100),
    random.choice("abcdef"),
    random.sample(range(100), 5),
    random.uniform(1, 2),
    random.gauss(0, 1),
)
r = random.Random(42)
x = list(range(10))
r.shuffle(x)
print(
    x,
    r.random(),
    r.getrandbits(40),
    r.choices([1, 2, 3], k=4),
    r.randrange(0, 50, 7),
    r.normalvariate(0, 1),
    r.expovariate(2),
    r.triangular(0, 1, 0.5),
    r.betavariate(1, 2),
)
random.seed("abc")
print(random.random())
random.seed(12345678901234567890)
print(random.random(), random.getstate()[0])
r = random.Random(7)
print(
    [r.gammavariate(a, 2) for a in (0.5, 1, 3)],
    r.choices("abc", [1, 2, 3], k=5),
    r.sample(range(1000), 30)[:5],
    r.randbytes(5),
    r.sample("ab", 3, counts=[2, 2]),
    r.weibullvariate(1, 2),
    r.paretovariate(3),
    r.lognormvariate(0, 1),
)
s = r.getstate()
a = r.random()
r.setstate(s)
print(
    a == r.random(),
    random.Random(2.5).random(),
    random.Random(-3).random(),
    random.Random(b"x").randint(0, 9),
)
