# multiprocessing.queues.
from queue import Empty, Full, Queue, SimpleQueue, Queue as JoinableQueue
