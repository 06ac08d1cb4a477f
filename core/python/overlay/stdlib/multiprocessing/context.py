# multiprocessing.context: every way of starting is the same, as nothing is started.
from multiprocessing import AuthenticationError, Process, ProcessError, TimeoutError, get_context


class BaseContext:
    pass


class DefaultContext(BaseContext):
    pass


class ForkContext(BaseContext):
    pass


class SpawnContext(BaseContext):
    pass


class ForkServerContext(BaseContext):
    pass


ForkProcess = SpawnProcess = ForkServerProcess = Process
