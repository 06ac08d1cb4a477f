# fnmatch: shell-style patterns.
import functools
import re


def translate(pat):
    out, i, n = "", 0, len(pat)
    while i < n:
        c = pat[i]
        i += 1
        if c == "*":
            if not out.endswith(".*"):
                out += ".*"
        elif c == "?":
            out += "."
        elif c == "[":
            j = i + 1 if i < n and pat[i] == "!" else i
            if j < n and pat[j] == "]":
                j += 1
            while j < n and pat[j] != "]":
                j += 1
            if j >= n:
                out += "\\["
            else:
                body = pat[i:j].replace("\\", "\\\\")
                out += (
                    "["
                    + (
                        "^" + body[1:]
                        if body[0] == "!"
                        else "\\" + body
                        if body[0] in "^["
                        else body
                    )
                    + "]"
                )
                i = j + 1
        else:
            out += re.escape(c)
    return f"(?s:{out})\\Z"


@functools.lru_cache(maxsize=32768)
def _compile_pattern(pat):
    if isinstance(pat, bytes):
        return re.compile(translate(pat.decode("latin-1")).encode("latin-1")).match
    return re.compile(translate(pat)).match


def fnmatchcase(name, pat):
    return _compile_pattern(pat)(name) is not None


fnmatch = fnmatchcase


def filter(names, pat):
    return [n for n in names if fnmatchcase(n, pat)]
