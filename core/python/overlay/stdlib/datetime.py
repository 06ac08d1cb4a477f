# datetime: naive and UTC dates and times.
import time as _time

MINYEAR, MAXYEAR = 1, 9999
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MON = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_WD = "Mon Tue Wed Thu Fri Sat Sun".split()


def _leap(y):
    return y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)


def _mdays(y, m):
    return 29 if m == 2 and _leap(y) else _DAYS[m - 1]


def _ordinal(y, m, d):
    p = y - 1
    return p * 365 + p // 4 - p // 100 + p // 400 + sum([_mdays(y, k) for k in range(1, m)]) + d


def _from_ordinal(n):
    y = n // 366 + 1
    while _ordinal(y + 1, 1, 1) <= n:
        y += 1
    n -= _ordinal(y, 1, 1) - 1
    m = 1
    while n > _mdays(y, m):
        n -= _mdays(y, m)
        m += 1
    return y, m, n


class timedelta:
    def __init__(
        self, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0
    ):
        us = (
            (days + weeks * 7) * 86400000000
            + (seconds + minutes * 60 + hours * 3600) * 1000000
            + microseconds
            + milliseconds * 1000
        )
        self._us = round(us)

    days = property(lambda s: s._us // 86400000000)
    seconds = property(lambda s: s._us // 1000000 % 86400)
    microseconds = property(lambda s: s._us % 1000000)

    def total_seconds(self):
        return self._us / 1000000

    def __add__(self, o):
        return (
            timedelta(microseconds=self._us + o._us) if isinstance(o, timedelta) else NotImplemented
        )

    def __sub__(self, o):
        return (
            timedelta(microseconds=self._us - o._us) if isinstance(o, timedelta) else NotImplemented
        )

    def __mul__(self, o):
        return (
            timedelta(microseconds=self._us * o) if isinstance(o, (int, float)) else NotImplemented
        )

    __rmul__ = __mul__

    def __truediv__(self, o):
        return (
            self._us / o._us if isinstance(o, timedelta) else timedelta(microseconds=self._us / o)
        )

    def __floordiv__(self, o):
        return (
            self._us // o._us if isinstance(o, timedelta) else timedelta(microseconds=self._us // o)
        )

    def __neg__(self):
        return timedelta(microseconds=-self._us)

    def __abs__(self):
        return timedelta(microseconds=abs(self._us))

    def __bool__(self):
        return self._us != 0

    def __eq__(self, o):
        return self._us == o._us if isinstance(o, timedelta) else NotImplemented

    def __lt__(self, o):
        return self._us < o._us

    def __le__(self, o):
        return self._us <= o._us

    def __gt__(self, o):
        return self._us > o._us

    def __ge__(self, o):
        return self._us >= o._us

    def __hash__(self):
        return hash(self._us)

    def __str__(self):
        s = self.seconds
        t = f"{s // 3600}:{s // 60 % 60:02d}:{s % 60:02d}"
        if self.days:
            t = f"{self.days} day{'' if abs(self.days) == 1 else 's'}, {t}"
        return t + (f".{self.microseconds:06d}" if self.microseconds else "")

    def __repr__(self):
        a = [
            f"{n}={getattr(self, n)}"
            for n in ("days", "seconds", "microseconds")
            if getattr(self, n)
        ]
        return f"datetime.timedelta({', '.join(a) or '0'})"


class tzinfo:
    pass


class timezone(tzinfo):
    def __init__(self, offset, name=None):
        self._offset, self._name = offset, name

    def utcoffset(self, dt):
        return self._offset

    def tzname(self, dt):
        return str(self)

    def __str__(self):
        if self._name:
            return self._name
        n = self._offset._us // 60000000
        return "UTC" if not n else f"UTC{'-' if n < 0 else '+'}{abs(n) // 60:02d}:{abs(n) % 60:02d}"

    def __eq__(self, o):
        return isinstance(o, timezone) and self._offset == o._offset

    def __hash__(self):
        return hash(self._offset)

    def __repr__(self):
        return (
            "datetime.timezone.utc" if not self._offset else f"datetime.timezone({self._offset!r})"
        )


timezone.utc = timezone(timedelta(0))
UTC = timezone.utc


class _Ordered:
    def __eq__(self, o):
        return self._key() == o._key() if isinstance(o, _Ordered) else NotImplemented

    def __lt__(self, o):
        return self._key() < o._key()

    def __le__(self, o):
        return self._key() <= o._key()

    def __gt__(self, o):
        return self._key() > o._key()

    def __ge__(self, o):
        return self._key() >= o._key()

    def __hash__(self):
        return hash(self._key())


class date(_Ordered):
    def __init__(self, year, month, day):
        if not 1 <= month <= 12:
            raise ValueError("month must be in 1..12")
        if not 1 <= day <= _mdays(year, month):
            raise ValueError("day is out of range for month")
        self.year, self.month, self.day = year, month, day

    def _key(self):
        return (self.year, self.month, self.day)

    @classmethod
    def today(cls):
        return cls.fromtimestamp(_time.time())

    @classmethod
    def fromtimestamp(cls, t):
        return cls(*_from_ordinal(719163 + int(t) // 86400))

    @classmethod
    def fromordinal(cls, n):
        return cls(*_from_ordinal(n))

    @classmethod
    def fromisoformat(cls, s):
        try:
            return cls(int(s[:4]), int(s[5:7]), int(s[8:10]))
        except ValueError:
            raise ValueError(f"Invalid isoformat string: {s!r}") from None

    def toordinal(self):
        return _ordinal(self.year, self.month, self.day)

    def weekday(self):
        return (self.toordinal() + 6) % 7

    def isoweekday(self):
        return self.weekday() + 1

    def isoformat(self):
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    __str__ = isoformat

    def replace(self, **kw):
        return type(self)(**{**self._fields(), **kw})

    def _fields(self):
        return {"year": self.year, "month": self.month, "day": self.day}

    def timetuple(self):
        return (
            self.year,
            self.month,
            self.day,
            0,
            0,
            0,
            self.weekday(),
            self.toordinal() - _ordinal(self.year, 1, 1) + 1,
            -1,
        )

    def strftime(self, fmt):
        y, mo, d, h, mi, s = (*self.timetuple(),)[:6]
        out, i = [], 0
        table = {
            "Y": f"{y:04d}",
            "m": f"{mo:02d}",
            "d": f"{d:02d}",
            "H": f"{h:02d}",
            "M": f"{mi:02d}",
            "S": f"{s:02d}",
            "y": f"{y % 100:02d}",
            "b": _MON[mo - 1],
            "a": _WD[self.weekday()],
            "f": f"{getattr(self, 'microsecond', 0):06d}",
            "j": f"{self.timetuple()[7]:03d}",
            "I": f"{(h - 1) % 12 + 1:02d}",
            "p": "AM" if h < 12 else "PM",
            "F": f"{y:04d}-{mo:02d}-{d:02d}",
            "T": f"{h:02d}:{mi:02d}:{s:02d}",
            "%": "%",
            "z": "+0000" if getattr(self, "tzinfo", None) else "",
            "Z": str(getattr(self, "tzinfo", None) or ""),
        }
        while i < len(fmt):
            if fmt[i] == "%" and i + 1 < len(fmt):
                i += 1
                out.append(table.get(fmt[i], "%" + fmt[i]))
            else:
                out.append(fmt[i])
            i += 1
        return "".join(out)

    def __format__(self, fmt):
        return self.strftime(fmt) if fmt else str(self)

    def __add__(self, o):
        return (
            type(self).fromordinal(self.toordinal() + o.days)
            if isinstance(o, timedelta)
            else NotImplemented
        )

    def __sub__(self, o):
        if isinstance(o, timedelta):
            return self + -o
        return (
            timedelta(self.toordinal() - o.toordinal()) if isinstance(o, date) else NotImplemented
        )

    def __repr__(self):
        return f"datetime.date({self.year}, {self.month}, {self.day})"


class time(_Ordered):
    def __init__(self, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0):
        self.hour, self.minute, self.second, self.microsecond, self.tzinfo = (
            hour,
            minute,
            second,
            microsecond,
            tzinfo,
        )

    def _key(self):
        return (self.hour, self.minute, self.second, self.microsecond)

    def isoformat(self):
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}" + (
            f".{self.microsecond:06d}" if self.microsecond else ""
        )

    __str__ = isoformat


class datetime(date):
    def __init__(
        self, year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0
    ):
        super().__init__(year, month, day)
        for n, v, top in (("hour", hour, 23), ("minute", minute, 59), ("second", second, 59)):
            if not 0 <= v <= top:
                raise ValueError(f"{n} must be in 0..{top}")
        self.hour, self.minute, self.second, self.microsecond, self.tzinfo = (
            hour,
            minute,
            second,
            microsecond,
            tzinfo,
        )

    def _key(self):
        return (
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.microsecond,
        )

    def _fields(self):
        return {
            n: getattr(self, n)
            for n in ("year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo")
        }

    def _us(self):
        return (
            (self.toordinal() * 24 + self.hour) * 3600 + self.minute * 60 + self.second
        ) * 1000000 + self.microsecond

    @classmethod
    def _of_us(cls, us, tz=None):
        day, us = divmod(us, 86400000000)
        s, us = divmod(us, 1000000)
        return cls(*_from_ordinal(day), s // 3600, s // 60 % 60, s % 60, us, tz)

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_time.time(), tz)

    today = utcnow = now

    @classmethod
    def fromtimestamp(cls, t, tz=None):
        return cls._of_us(719163 * 86400000000 + round(t * 1000000), tz)

    utcfromtimestamp = fromtimestamp

    @classmethod
    def fromisoformat(cls, s):
        try:
            t = s[11:].rstrip("Z")
            tz = UTC if s.endswith("Z") or t.endswith("+00:00") else None
            t = t.replace("+00:00", "")
            p = t.split(":") if t else []
            sec, _, frac = (p[2] if len(p) > 2 else "0").partition(".")
            return cls(
                int(s[:4]),
                int(s[5:7]),
                int(s[8:10]),
                int(p[0]) if p else 0,
                int(p[1]) if len(p) > 1 else 0,
                int(sec),
                int(frac.ljust(6, "0")[:6] or 0),
                tz,
            )
        except (ValueError, IndexError):
            raise ValueError(f"Invalid isoformat string: {s!r}") from None

    @classmethod
    def combine(cls, d, t, tzinfo=None):
        return cls(
            d.year, d.month, d.day, t.hour, t.minute, t.second, t.microsecond, tzinfo or t.tzinfo
        )

    @classmethod
    def strptime(cls, s, fmt):
        import re

        keys = {
            "Y": r"\d{4}",
            "m": r"\d{1,2}",
            "d": r"\d{1,2}",
            "H": r"\d{1,2}",
            "M": r"\d{1,2}",
            "S": r"\d{1,2}",
            "f": r"\d{1,6}",
        }
        order, pat, i = [], "", 0
        while i < len(fmt):
            if fmt[i] == "%" and fmt[i + 1 : i + 2] in keys:
                order.append(fmt[i + 1])
                pat += "(" + keys[fmt[i + 1]] + ")"
                i += 2
            else:
                pat += re.escape(fmt[i])
                i += 1
        m = re.fullmatch(pat, s)
        if m is None:
            raise ValueError(f"time data {s!r} does not match format {fmt!r}")
        v = dict(zip(order, m.groups()))
        return cls(
            int(v.get("Y", 1900)),
            int(v.get("m", 1)),
            int(v.get("d", 1)),
            int(v.get("H", 0)),
            int(v.get("M", 0)),
            int(v.get("S", 0)),
            int(v.get("f", "0").ljust(6, "0")),
        )

    def timestamp(self):
        return (self._us() - 719163 * 86400000000) / 1000000

    def date(self):
        return date(self.year, self.month, self.day)

    def time(self):
        return time(self.hour, self.minute, self.second, self.microsecond)

    def astimezone(self, tz=None):
        return self.replace(tzinfo=tz or UTC)

    def utcoffset(self):
        return self.tzinfo.utcoffset(self) if self.tzinfo else None

    def timetuple(self):
        return (
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.weekday(),
            self.toordinal() - _ordinal(self.year, 1, 1) + 1,
            -1,
        )

    def isoformat(self, sep="T", timespec="auto"):
        t = f"{self.year:04d}-{self.month:02d}-{self.day:02d}{sep}{self.hour:02d}:{self.minute:02d}:{self.second:02d}"
        if self.microsecond:
            t += f".{self.microsecond:06d}"
        return t + ("+00:00" if self.tzinfo else "")

    def __str__(self):
        return self.isoformat(" ")

    def __add__(self, o):
        return (
            type(self)._of_us(self._us() + o._us, self.tzinfo)
            if isinstance(o, timedelta)
            else NotImplemented
        )

    __radd__ = __add__

    def __sub__(self, o):
        if isinstance(o, timedelta):
            return type(self)._of_us(self._us() - o._us, self.tzinfo)
        return (
            timedelta(microseconds=self._us() - o._us())
            if isinstance(o, datetime)
            else NotImplemented
        )

    def __repr__(self):
        a = [self.year, self.month, self.day, self.hour, self.minute] + (
            [self.second, self.microsecond]
            if self.microsecond
            else [self.second]
            if self.second
            else []
        )
        return f"datetime.datetime({', '.join(map(str, a))})"
