# What an engine logs, and the names of its files.


class Log:
    """What the engine logs at warning or above, each text of a place once, with how often."""

    MOST = 500

    def __init__(self):
        self.lines = {}

    def listen(self):
        import logging

        def emit(record):
            self.take(record)

        handler = logging.Handler(logging.WARNING)
        handler.emit = emit
        logging.getLogger().addHandler(handler)

    def take(self, record):
        try:
            text = record.getMessage()
        except Exception:
            text = str(record.msg)
        while "\033[" in text:  # colours
            before, _, after = text.partition("\033[")
            text = before + after.partition("m")[2]
        key = (record.levelname, shown(record.pathname), record.lineno, text)
        if key in self.lines or len(self.lines) < self.MOST:
            self.lines[key] = self.lines.get(key, 0) + 1

    def rows(self):
        return [
            {"level": level, "file": file, "line": line, "text": text, "count": count}
            for (level, file, line, text), count in self.lines.items()
        ]


def shown(path):
    """A source file, from its package on."""
    for package in PACKAGES:
        at = path.rfind(package)
        if at >= 0:
            return path[at:]
    return path


# Whose files are shown: a driver adds its engine's.
PACKAGES = ["transformers/"]


def frames(error):
    """The engine's own frames, innermost last: "file:line function: source"."""
    import traceback

    out = []
    for f in traceback.extract_tb(error.__traceback__):
        at = f.filename.rfind(PACKAGES[0])
        if at >= 0:
            out.append(f"{f.filename[at:]}:{f.lineno} {f.name}: {f.line or ''}".rstrip(": "))
    return out[-4:]
