# time: a clock that moves a little with each reading, the same in every run.
_now = [0.0]


def _tick():
    _now[0] += 1e-6
    return _now[0]


def time():
    return 1700000000.0 + _tick()


def perf_counter():
    return _tick()


monotonic = process_time = thread_time = perf_counter


def time_ns():
    return int(time() * 1e9)


def perf_counter_ns():
    return int(_tick() * 1e9)


monotonic_ns = process_time_ns = perf_counter_ns


def sleep(s):
    if s < 0:
        raise ValueError("sleep length must be non-negative")
    _now[0] += s


class struct_time(tuple):
    tm_year, tm_mon, tm_mday, tm_hour, tm_min, tm_sec, tm_wday, tm_yday, tm_isdst = (
        property(lambda s, i=i: s[i]) for i in range(9)
    )


def gmtime(t=None):
    import datetime

    d = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(time() if t is None else t))
    return struct_time(d.timetuple())


localtime = gmtime


def strftime(fmt, t=None):
    import datetime

    return datetime.datetime(*(gmtime() if t is None else t)[:6]).strftime(fmt)


def mktime(t):
    import datetime

    return (datetime.datetime(*t[:6]) - datetime.datetime(1970, 1, 1)).total_seconds()


def ctime(t=None):
    return strftime("%a %b %d %H:%M:%S %Y", gmtime(t))


asctime = ctime
timezone = altzone = daylight = 0
tzname = ("UTC", "UTC")
