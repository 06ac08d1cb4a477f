# multiprocessing.process.
from multiprocessing import Process as BaseProcess, active_children, current_process, parent_process
