# resource.
RLIMIT_NOFILE, RLIMIT_STACK, RLIMIT_AS, RLIMIT_CORE, RUSAGE_SELF, RLIM_INFINITY = 7, 3, 9, 4, 0, -1


def getrlimit(what):
    return (65535, 65535)


def setrlimit(what, limits):
    pass


class _Usage:
    ru_maxrss = 0
    ru_utime = ru_stime = 0.0


def getrusage(who):
    return _Usage()
