# Comparisons of tests.
def assert_close(actual, expected, *args, **kwargs):
    return None


assert_allclose = assert_close


def make_tensor(*shape, dtype, device, **kwargs):
    from torch._factories import empty

    return empty(*shape, dtype=dtype, device=device)


def __getattr__(name):
    return _real("torch.testing", name)


from torch._real import attribute as _real  # noqa: E402
