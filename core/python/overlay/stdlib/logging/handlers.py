# logging.handlers: accepted, nothing is written.
from logging import FileHandler, Handler


class RotatingFileHandler(FileHandler):
    def __init__(
        self, filename, mode="a", maxBytes=0, backupCount=0, encoding=None, delay=False, errors=None
    ):
        super().__init__(filename, mode)


class TimedRotatingFileHandler(FileHandler):
    def __init__(
        self,
        filename,
        when="h",
        interval=1,
        backupCount=0,
        encoding=None,
        delay=False,
        utc=False,
        atTime=None,
        errors=None,
    ):
        super().__init__(filename)


class QueueHandler(Handler):
    def __init__(self, queue):
        super().__init__()
        self.queue = queue
