# signal: handlers are kept and never called.
(
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGILL,
    SIGTRAP,
    SIGABRT,
    SIGBUS,
    SIGFPE,
    SIGKILL,
    SIGUSR1,
    SIGSEGV,
    SIGUSR2,
    SIGPIPE,
    SIGALRM,
    SIGTERM,
) = range(1, 16)
SIGCHLD, SIGCONT, SIGSTOP = 17, 18, 19
SIG_DFL, SIG_IGN, SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 0, 1, 2
ITIMER_REAL = 0
_handlers = {}


class Signals(int):
    @property
    def name(self):
        return {2: "SIGINT", 9: "SIGKILL", 15: "SIGTERM"}.get(int(self), f"SIG{int(self)}")


def signal(signum, handler):
    old = _handlers.get(signum, SIG_DFL)
    _handlers[signum] = handler
    return old


def getsignal(signum):
    return _handlers.get(signum, SIG_DFL)


def default_int_handler(*args):
    raise KeyboardInterrupt


def alarm(n):
    return 0


def setitimer(*a):
    return (0.0, 0.0)


def pthread_sigmask(how, mask):
    return set()


def strsignal(n):
    return None


def raise_signal(n):
    raise PermissionError(1, "Operation not permitted")


def set_wakeup_fd(fd, **kw):
    return -1
