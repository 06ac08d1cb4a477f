# shlex.


def split(s, comments=False, posix=True):
    out, word, quote, i = [], None, "", 0
    while i < len(s):
        c = s[i]
        if quote:
            if c == quote:
                quote = ""
            elif c == "\\" and quote == '"' and s[i + 1 : i + 2] in ('"', "\\"):
                i += 1
                word += s[i]
            else:
                word += c
        elif c in "'\"":
            quote, word = c, word or ""
        elif c == "\\":
            i += 1
            word = (word or "") + s[i : i + 1]
        elif c.isspace():
            if word is not None:
                out.append(word)
                word = None
        elif comments and c == "#":
            while i < len(s) and s[i] != "\n":
                i += 1
        else:
            word = (word or "") + c
        i += 1
    if quote:
        raise ValueError("No closing quotation")
    if word is not None:
        out.append(word)
    return out


def quote(s):
    if not s:
        return "''"
    if all(c.isascii() and (c.isalnum() or c in "@%+=:,./-_") for c in s):
        return s
    return "'" + s.replace("'", "'\"'\"'") + "'"


def join(words):
    return " ".join(map(quote, words))
