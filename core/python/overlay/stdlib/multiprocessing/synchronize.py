# multiprocessing.synchronize.
from threading import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore
