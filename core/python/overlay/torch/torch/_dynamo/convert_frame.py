# Bytecode hooks: none run.
def register_bytecode_hook(hook):
    from torch.utils.hooks import RemovableHandle

    return RemovableHandle({})


def __getattr__(name):
    return _real("torch._dynamo.convert_frame", name)


from torch._real import attribute as _real  # noqa: E402
