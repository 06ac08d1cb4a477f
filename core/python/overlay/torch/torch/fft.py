# Fourier transforms: shapes only.
from torch._elementwise import blank
from torch._dtypes import complex64
from torch._shapes import axis


def _complex(t):
    return (
        t.dtype
        if t.dtype.is_complex
        else t.dtype.to_complex()
        if t.dtype.is_floating_point
        else complex64
    )


def _sized(t, dim, n):
    a = axis(dim, len(t.shape))
    return t.shape[:a] + (n,) + t.shape[a + 1 :]


def fft(input, n=None, dim=-1, norm=None, *, out=None):
    return blank(input.shape if n is None else _sized(input, dim, n), _complex(input), input.device)


ifft = fft


def rfft(input, n=None, dim=-1, norm=None, *, out=None):
    n = input.shape[dim] if n is None else n
    return blank(_sized(input, dim, n // 2 + 1), _complex(input), input.device)


def irfft(input, n=None, dim=-1, norm=None, *, out=None):
    n = 2 * (input.shape[dim] - 1) if n is None else n
    return blank(_sized(input, dim, n), input.dtype.to_real(), input.device)


def fftn(input, s=None, dim=None, norm=None, *, out=None):
    return blank(input.shape, _complex(input), input.device)


ifftn = fft2 = ifft2 = fftn


def fftshift(input, dim=None):
    return input.clone()


ifftshift = fftshift


def fftfreq(n, d=1.0, *, dtype=None, device=None, **kwargs):
    from torch._factories import empty

    return empty(n, dtype=dtype, device=device)


def rfftfreq(n, d=1.0, *, dtype=None, device=None, **kwargs):
    from torch._factories import empty

    return empty(n // 2 + 1, dtype=dtype, device=device)


def __getattr__(name):
    return _real("torch.fft", name)


from torch._real import attribute as _real  # noqa: E402
