# urllib.parse.
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")


class _Parts(tuple):
    scheme = property(lambda s: s[0])
    netloc = property(lambda s: s[1])
    path = property(lambda s: s[2])
    query = property(lambda s: s[-2])
    fragment = property(lambda s: s[-1])

    def _host(self):
        return self[1].rpartition("@")[2]

    @property
    def hostname(self):
        h = self._host()
        h = h[1:].partition("]")[0] if h.startswith("[") else h.partition(":")[0]
        return h.lower() or None

    @property
    def port(self):
        h = self._host()
        p = h.rpartition("]")[2].rpartition(":")[2] if ":" in h.rpartition("]")[2] else ""
        if not p:
            return None
        if not p.isdigit():
            raise ValueError(f"Port could not be cast to integer value as {p!r}")
        return int(p)

    @property
    def username(self):
        return self[1].rpartition("@")[0].partition(":")[0] or None

    @property
    def password(self):
        return self[1].rpartition("@")[0].partition(":")[2] or None

    def geturl(self):
        return urlunparse(self) if len(self) == 6 else urlunsplit(self)


class SplitResult(_Parts):
    def _replace(self, **kw):
        return SplitResult(
            [kw.get(n, v) for n, v in zip(("scheme", "netloc", "path", "query", "fragment"), self)]
        )

    def __repr__(self):
        return "SplitResult(scheme=%r, netloc=%r, path=%r, query=%r, fragment=%r)" % tuple(self)


class ParseResult(_Parts):
    params = property(lambda s: s[3])

    def _replace(self, **kw):
        return ParseResult(
            [
                kw.get(n, v)
                for n, v in zip(("scheme", "netloc", "path", "params", "query", "fragment"), self)
            ]
        )

    def __repr__(self):
        return (
            "ParseResult(scheme=%r, netloc=%r, path=%r, params=%r, query=%r, fragment=%r)"
            % tuple(self)
        )


def urlsplit(url, scheme="", allow_fragments=True):
    netloc = query = fragment = ""
    i = url.find(":")
    if (
        i > 0
        and url[0].isalpha()
        and all(c.isalnum() and c.isascii() or c in "+-." for c in url[:i])
    ):
        scheme, url = url[:i].lower(), url[i + 1 :]
    if url[:2] == "//":
        end = min([k for k in (url.find(c, 2) for c in "/?#") if k >= 0], default=len(url))
        netloc, url = url[2:end], url[end:]
    if allow_fragments and "#" in url:
        url, _, fragment = url.partition("#")
    if "?" in url:
        url, _, query = url.partition("?")
    return SplitResult((scheme, netloc, url, query, fragment))


def urlparse(url, scheme="", allow_fragments=True):
    s, n, p, q, f = urlsplit(url, scheme, allow_fragments)
    params = ""
    if s in ("", "ftp", "http", "https") and ";" in p.rpartition("/")[2]:
        i = p.find(";", p.rfind("/"))
        p, params = p[:i], p[i + 1 :]
    return ParseResult((s, n, p, params, q, f))


def urlunsplit(parts):
    s, n, p, q, f = parts
    if n or p[:2] == "//":
        if p and p[:1] != "/":
            p = "/" + p
        p = "//" + n + p
    if s:
        p = s + ":" + p
    if q:
        p += "?" + q
    return p + "#" + f if f else p


def urlunparse(parts):
    s, n, p, params, q, f = parts
    return urlunsplit((s, n, f"{p};{params}" if params else p, q, f))


def urljoin(base, url, allow_fragments=True):
    if not base or not url:
        return base or url
    b, u = urlsplit(base), urlsplit(url)
    if u.scheme and u.scheme != b.scheme:
        return url
    if u.netloc:
        return urlunsplit((b.scheme, *u[1:]))
    if not u.path:
        return urlunsplit((b.scheme, b.netloc, b.path, u.query or b.query, u.fragment))
    segs = (
        u.path.split("/") if u.path.startswith("/") else b.path.split("/")[:-1] + u.path.split("/")
    )
    out = []
    for s in segs:
        if s == "..":
            if len(out) > 1:
                out.pop()
        elif s != ".":
            out.append(s)
    if segs[-1] in (".", ".."):
        out.append("")
    return urlunsplit((b.scheme, b.netloc, "/".join(out) or "/", u.query, u.fragment))


def quote(string, safe="/", encoding=None, errors=None):
    data = (
        string
        if isinstance(string, bytes)
        else string.encode(encoding or "utf-8", errors or "strict")
    )
    return "".join([chr(b) if chr(b) in _SAFE or chr(b) in safe else "%%%02X" % b for b in data])


def quote_plus(string, safe="", encoding=None, errors=None):
    return quote(string, safe + " ", encoding, errors).replace(" ", "+")


def unquote(string, encoding="utf-8", errors="replace"):
    out, i = bytearray(), 0
    data = string.encode() if isinstance(string, str) else string
    while i < len(data):
        if data[i] == 37:
            try:
                out.append(int(data[i + 1 : i + 3].decode(), 16))
                i += 3
                continue
            except ValueError:
                pass
        out.append(data[i])
        i += 1
    return bytes(out).decode(encoding, errors)


def unquote_plus(string, encoding="utf-8", errors="replace"):
    return unquote(string.replace("+", " "), encoding, errors)


def urlencode(query, doseq=False, safe="", encoding=None, errors=None, quote_via=quote_plus):
    out = []
    for k, v in query.items() if hasattr(query, "items") else query:
        for x in v if doseq and isinstance(v, (list, tuple)) else (v,):
            out.append(quote_via(str(k), safe) + "=" + quote_via(str(x), safe))
    return "&".join(out)


def parse_qsl(qs, keep_blank_values=False, **kw):
    out = []
    for part in qs.split("&"):
        k, e, v = part.partition("=")
        if part and (v or keep_blank_values):
            out.append((unquote_plus(k), unquote_plus(v)))
    return out


def parse_qs(qs, keep_blank_values=False, **kw):
    out = {}
    for k, v in parse_qsl(qs, keep_blank_values):
        out.setdefault(k, []).append(v)
    return out


def urldefrag(url):
    s = urlsplit(url)
    return urlunsplit((*s[:4], "")), s.fragment
