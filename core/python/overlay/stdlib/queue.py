# queue: first in, first out, in one thread.
from types import GenericAlias


class Empty(Exception):
    pass


class Full(Exception):
    pass


class Queue:
    def __init__(self, maxsize=0):
        self.maxsize, self.queue = maxsize, []

    def qsize(self):
        return len(self.queue)

    def empty(self):
        return not self.queue

    def full(self):
        return 0 < self.maxsize <= len(self.queue)

    def put(self, item, block=True, timeout=None):
        if self.full():
            raise Full
        self.queue.append(item)

    def put_nowait(self, item):
        self.put(item, False)

    def _take(self):
        return self.queue.pop(0)

    def get(self, block=True, timeout=None):
        if not self.queue:
            raise Empty
        return self._take()

    def get_nowait(self):
        return self.get(False)

    def task_done(self):
        pass

    def join(self):
        pass

    __class_getitem__ = classmethod(GenericAlias)


class SimpleQueue(Queue):
    pass


class LifoQueue(Queue):
    def _take(self):
        return self.queue.pop()


class PriorityQueue(Queue):
    def _take(self):
        self.queue.sort()
        return self.queue.pop(0)
