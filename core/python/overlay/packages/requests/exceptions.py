# requests.exceptions.


class RequestException(IOError):
    def __init__(self, *args, **kw):
        self.response, self.request = kw.pop("response", None), kw.pop("request", None)
        super().__init__(*args)


class HTTPError(RequestException):
    pass


class ConnectionError(RequestException):
    pass


class ProxyError(ConnectionError):
    pass


class SSLError(ConnectionError):
    pass


class Timeout(RequestException):
    pass


class ConnectTimeout(ConnectionError, Timeout):
    pass


class ReadTimeout(Timeout):
    pass


class JSONDecodeError(RequestException, ValueError):
    pass


class ChunkedEncodingError(RequestException):
    pass


class InvalidURL(RequestException, ValueError):
    pass


class MissingSchema(RequestException, ValueError):
    pass
