# Tracing contexts: none is active.
class TracingContext:
    @staticmethod
    def try_get():
        return None


def detect_fake_mode(inputs=None):
    return None


def __getattr__(name):
    return _real("torch._guards", name)


from torch._real import attribute as _real  # noqa: E402
