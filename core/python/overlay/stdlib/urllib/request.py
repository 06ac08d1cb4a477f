# urllib.request: there is no network.
from urllib.error import URLError


class Request:
    def __init__(
        self, url, data=None, headers={}, origin_req_host=None, unverifiable=False, method=None
    ):
        self.full_url, self.data, self.headers, self.method = url, data, dict(headers), method


def urlopen(url, *args, **kw):
    raise URLError("no network")


def urlretrieve(url, *args, **kw):
    raise URLError("no network")


def getproxies():
    return {}
