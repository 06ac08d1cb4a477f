# Errors of the tracer.
class TorchDynamoException(RuntimeError):
    pass


class Unsupported(TorchDynamoException):
    pass


class FailOnRecompileLimitHit(TorchDynamoException):
    pass


class BackendCompilerFailed(TorchDynamoException):
    pass


class InternalTorchDynamoError(TorchDynamoException):
    pass


def __getattr__(name):
    return _real("torch._dynamo.exc", name)


from torch._real import attribute as _real  # noqa: E402
