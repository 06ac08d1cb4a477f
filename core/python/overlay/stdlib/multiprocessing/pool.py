# multiprocessing.pool.
from multiprocessing import Pool


class ThreadPool(Pool):
    pass
