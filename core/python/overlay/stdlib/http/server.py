# http.server: no network.


class BaseHTTPRequestHandler:
    pass


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    pass


class HTTPServer:
    def __init__(self, *a, **k):
        raise PermissionError(1, "Operation not permitted")


class ThreadingHTTPServer(HTTPServer):
    pass
