# Results of the code generator.
class OutputCode:
    pass


class CompiledFxGraph(OutputCode):
    pass


class CompiledFxGraphConstants:
    pass


class CompiledFxGraphConstantsWithGm(CompiledFxGraphConstants):
    def __init__(self, gm):
        self.gm = gm


def __getattr__(name):
    return _real("torch._inductor.output_code", name)


from torch._real import attribute as _real  # noqa: E402
