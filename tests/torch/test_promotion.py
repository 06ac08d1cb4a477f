# The type tables: sizes, kinds, promotion of every pair, results of operators on tensors and numbers.
import torch

NAMES = (
    "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex32 complex64 complex128 "
    "float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu qint8 quint8 qint32 quint4x2 bits8 bits16 uint4"
).split()
DTYPES = [getattr(torch, n) for n in NAMES]


def attempt(f):
    try:
        return f()
    except Exception as e:
        return "%s: %s" % (type(e).__name__, str(e).split("\n")[0])


for d in DTYPES[:-7]:
    print(
        d,
        d.itemsize,
        d.is_floating_point,
        d.is_complex,
        d.is_signed,
        attempt(lambda: str(torch.finfo(d))),
        attempt(lambda: str(torch.iinfo(d))),
    )
    print(d, attempt(d.to_real), attempt(d.to_complex))
for a in DTYPES:
    for b in DTYPES:
        print(a, b, attempt(lambda: torch.promote_types(a, b)))
PLAIN = [
    d
    for d in DTYPES
    if d.is_complex is not None
    and str(d).split(".")[1]
    in (
        "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()
    )
]
for a in PLAIN:
    x = torch.empty(2, dtype=a, device="meta")
    for b in PLAIN:
        y = torch.empty((), dtype=b, device="meta")
        z = torch.empty(2, dtype=b, device="meta")
        print(
            a,
            b,
            torch.result_type(x, y),
            torch.result_type(y, x),
            torch.result_type(x, z),
            torch.can_cast(a, b),
        )
        print(
            "ops",
            attempt(lambda: (x + z).dtype),
            attempt(lambda: (x * y).dtype),
            attempt(lambda: (x / z).dtype),
            attempt(lambda: (x == z).dtype),
            attempt(lambda: (x // z).dtype),
            attempt(lambda: torch.cat([x, z]).dtype),
            attempt(lambda: torch.where(x == 0, x, z).dtype),
        )
    for s in (True, 3, 2.5):
        print(
            a,
            s,
            torch.result_type(x, s),
            attempt(lambda: (x + s).dtype),
            attempt(lambda: (s * x).dtype),
            attempt(lambda: (x / s).dtype),
        )
    print(
        a,
        attempt(lambda: x.sum().dtype),
        attempt(lambda: x.mean().dtype),
        attempt(lambda: x.cumsum(0).dtype),
        attempt(lambda: x.exp().dtype),
        attempt(lambda: x.abs().dtype),
        attempt(lambda: (~x).dtype),
        attempt(lambda: (-x).dtype),
        attempt(lambda: x.prod().dtype),
        attempt(lambda: x.all().dtype),
        attempt(lambda: (x - x).dtype),
        attempt(lambda: (x & x).dtype),
        attempt(lambda: (x << 1).dtype),
        attempt(lambda: x.float().dtype),
        attempt(lambda: x.floor().dtype),
        attempt(lambda: x.sigmoid().dtype),
        attempt(lambda: (x**2).dtype),
        attempt(lambda: (2**x).dtype),
        attempt(lambda: (1 / x).dtype),
        attempt(lambda: x.isnan().dtype),
    )
    print(
        a,
        torch.empty((), dtype=a).type(),
        "-" if a.is_complex else torch.zeros(1, dtype=a).tolist() + torch.ones(2, dtype=a).tolist(),
    )
old = torch.get_default_dtype()
torch.set_default_dtype(torch.bfloat16)
print(
    torch.get_default_dtype(),
    torch.empty(1).dtype,
    torch.tensor(1.5).dtype,
    torch.tensor([1]).dtype,
    (torch.arange(3) / 2).dtype,
    torch.arange(0, 1, 0.5).dtype,
)
print(
    torch.full((1,), 2.0).dtype,
    torch.full((1,), 2).dtype,
    torch.linspace(0, 1, 3).dtype,
    torch.finfo().dtype,
    (torch.arange(2) * 1.5).dtype,
)
torch.set_default_dtype(old)
print(attempt(lambda: torch.set_default_dtype(torch.int32)))
