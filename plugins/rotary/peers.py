"""What else computes the family's embeddings: FlashInfer where it is installed (in place)."""


def peers(case):
    """Triples of a name, a version and what makes a call of tensors: see docs/kernels.md."""
    try:
        import flashinfer
    except ImportError:
        return

    def prepare(t):
        q, k, width = t["q"].flatten(1), t["k"].flatten(1), t["q"].shape[2]

        def run():
            flashinfer.apply_rope_with_cos_sin_cache_inplace(
                t["positions"], q, k, width, t["cos_sin_cache"], case.constants["IS_NEOX"]
            )

        return run, [q, k]

    yield "FlashInfer", flashinfer.__version__, prepare
