# socket: no network.
AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM = 1, 2
SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, IPPROTO_TCP, TCP_NODELAY, SOMAXCONN = (
    1,
    2,
    15,
    9,
    6,
    1,
    4096,
)
AI_PASSIVE, NI_NUMERICHOST, IPPROTO_IPV6, IPV6_V6ONLY = 1, 1, 41, 26
error = OSError
timeout = TimeoutError
has_ipv6 = True


class gaierror(OSError):
    pass


class herror(OSError):
    pass


def gethostname():
    return "localhost"


getfqdn = gethostname


def gethostbyname(host):
    if host in ("localhost", "127.0.0.1"):
        return "127.0.0.1"
    raise gaierror(-2, "Name or service not known")


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    return [(AF_INET, SOCK_STREAM, 6, "", (gethostbyname(host), port))]


class socket:
    """Binds nothing: a port asked for is taken as free, and no connection is ever made."""

    def __init__(self, family=AF_INET, type=SOCK_STREAM, proto=0, fileno=None):
        self.family, self.type = family, type
        self._name = ("0.0.0.0", 0)

    def setsockopt(self, *a):
        pass

    def settimeout(self, t):
        pass

    def setblocking(self, b):
        pass

    def bind(self, address):
        host, port = address[0], address[1]
        self._name = (host, port or 40000)

    def listen(self, n=0):
        pass

    def getsockname(self):
        return self._name

    def connect(self, address):
        raise ConnectionRefusedError(111, "Connection refused")

    def connect_ex(self, address):
        return 111

    def close(self):
        pass

    def fileno(self):
        return -1

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


def create_connection(address, timeout=None, source_address=None):
    raise ConnectionRefusedError(111, "Connection refused")


def inet_pton(family, text):
    import ipaddress

    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        raise OSError("illegal IP address string passed to inet_pton") from None


def inet_aton(text):
    return inet_pton(AF_INET, text)


def inet_ntoa(data):
    return ".".join(map(str, data))


def if_nameindex():
    return [(1, "lo")]
