# concurrent.futures.thread.
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor


class BrokenProcessPool(BrokenExecutor):
    pass


class BrokenThreadPool(BrokenExecutor):
    pass
