# Caches of generated code: empty.
class CacheBase:
    @staticmethod
    def get_system():
        return {}


class FxGraphCache:
    @classmethod
    def clear(cls):
        return None

    @staticmethod
    def _get_shape_env():
        return None

    @staticmethod
    def _check_can_cache(gm):
        return None

    @staticmethod
    def load(*args, **kwargs):
        return None


class PyCodeCache:
    pass


def torch_key():
    return b""


def compiled_fx_graph_hash(gm, example_inputs, fx_kwargs, inputs_to_check):
    return "", []


def __getattr__(name):
    return _real("torch._inductor.codecache", name)


from torch._real import attribute as _real  # noqa: E402
