# textwrap: dedent, indent, wrap, fill, shorten.


def dedent(text):
    lines = text.split("\n")
    margin = None
    for s in lines:
        body = s.lstrip(" \t")
        if not body:
            continue
        lead = s[: len(s) - len(body)]
        if margin is None:
            margin = lead
        else:
            k = 0
            while k < len(margin) and k < len(lead) and margin[k] == lead[k]:
                k += 1
            margin = margin[:k]
    n = len(margin or "")
    return "\n".join([s[n:] if s.strip(" \t") else "" for s in lines])


def indent(text, prefix, predicate=None):
    return "".join(
        [
            prefix + s if (s.strip() if predicate is None else predicate(s)) else s
            for s in text.splitlines(True)
        ]
    )


def wrap(text, width=70, *, initial_indent="", subsequent_indent="", break_long_words=True, **kw):
    lines, line, lead = [], "", initial_indent
    for w in text.split():
        room = width - len(lead)
        if line and len(line) + 1 + len(w) > room:
            lines.append(lead + line)
            line, lead = "", subsequent_indent
            room = width - len(lead)
        while break_long_words and len(w) > room and not line:
            lines.append(lead + w[:room])
            w, lead = w[room:], subsequent_indent
        if w:
            line = line + " " + w if line else w
    if line:
        lines.append(lead + line)
    return lines


def fill(text, width=70, **kw):
    return "\n".join(wrap(text, width, **kw))


def shorten(text, width, *, placeholder=" [...]", **kw):
    words = text.split()
    if len(" ".join(words)) <= width:
        return " ".join(words)
    while words and len(" ".join(words) + placeholder) > width:
        words.pop()
    return " ".join(words) + placeholder if words else placeholder.lstrip()


class TextWrapper:
    def __init__(self, width=70, **kw):
        self.width, self._kw = width, kw

    def wrap(self, text):
        return wrap(text, self.width, **self._kw)

    def fill(self, text):
        return fill(text, self.width, **self._kw)
