# requests: no network; the exception classes, so that they can be caught.
from requests import exceptions
from requests.exceptions import (
    ConnectionError,
    ConnectTimeout,
    HTTPError,
    ReadTimeout,
    RequestException,
    Timeout,
)


class Response:
    status_code = 0


class Session:
    def __init__(self):
        self.headers = {}

    def mount(self, prefix, adapter):
        pass

    def request(self, *args, **kw):
        raise ConnectionError("there is no network here")

    get = post = put = head = delete = request

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


def request(*args, **kw):
    raise ConnectionError("there is no network here")


get = post = put = head = delete = request
session = Session
