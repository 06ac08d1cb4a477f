# unicodedata: what can be told from str's own methods.
unidata_version = "14.0.0"


def normalize(form, s):
    return s


def category(c):
    if c.isupper():
        return "Lu"
    if c.islower():
        return "Ll"
    if c.isalpha():
        return "Lo"
    if c.isdecimal():
        return "Nd"
    if c.isspace():
        return "Zs" if c == " " else "Cc"
    return "Po" if c.isprintable() else "Cc"


def combining(c):
    return 0


def east_asian_width(c):
    return (
        "W"
        if 0x1100 <= ord(c) <= 0x115F
        or 0x2E80 <= ord(c) <= 0xA4CF
        or 0xAC00 <= ord(c) <= 0xD7A3
        or 0xFF00 <= ord(c) <= 0xFF60
        else "N"
    )


def name(c, default=""):
    return default


def is_normalized(form, s):
    return True
