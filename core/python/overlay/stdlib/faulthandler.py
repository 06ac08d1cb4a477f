# faulthandler.


def enable(*a, **k):
    pass


disable = register = dump_traceback = dump_traceback_later = cancel_dump_traceback_later = enable
