# statistics.


class StatisticsError(ValueError):
    pass


def mean(data):
    data = list(data)
    if not data:
        raise StatisticsError("mean requires at least one data point")
    r = sum(data) / len(data)
    return int(r) if all(isinstance(x, int) for x in data) and r == int(r) else r


def fmean(data, weights=None):
    data = list(data)
    return float(sum(data)) / len(data)


def median(data):
    d = sorted(data)
    n = len(d)
    if not n:
        raise StatisticsError("no median for empty data")
    return d[n // 2] if n % 2 else (d[n // 2 - 1] + d[n // 2]) / 2


def variance(data, xbar=None):
    data = list(data)
    m = sum(data) / len(data)
    return sum([(x - m) ** 2 for x in data]) / (len(data) - 1)


def stdev(data, xbar=None):
    return variance(data) ** 0.5


def pvariance(data, mu=None):
    data = list(data)
    m = sum(data) / len(data)
    return sum([(x - m) ** 2 for x in data]) / len(data)


def pstdev(data, mu=None):
    return pvariance(data) ** 0.5


def mode(data):
    from collections import Counter

    return Counter(data).most_common(1)[0][0]
