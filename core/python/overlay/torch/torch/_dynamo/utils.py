# Counters and metrics of the tracer.
import collections

counters = collections.defaultdict(collections.Counter)


def lazy_format_graph_code(name, gm, maybe_id=None, **kwargs):
    return name


class _Metrics:
    def in_progress(self):
        return False

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def get_metrics_context():
    return _Metrics()


def detect_fake_mode(inputs=None):
    return None


def __getattr__(name):
    return _real("torch._dynamo.utils", name)


from torch._real import attribute as _real  # noqa: E402
