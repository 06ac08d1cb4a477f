# The few names of httpx that error handling mentions.


class httpx:
    class HTTPError(Exception):
        pass

    class HTTPStatusError(HTTPError):
        pass

    class RequestError(HTTPError):
        pass

    class NetworkError(RequestError):
        pass

    class ProxyError(RequestError):
        pass

    class ConnectError(NetworkError):
        pass

    class TimeoutException(RequestError):
        pass

    class Response:
        pass
