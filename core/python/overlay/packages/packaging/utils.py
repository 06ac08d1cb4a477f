# packaging.utils.


def canonicalize_name(name, *, validate=False):
    out = ""
    for c in name.lower():
        c = "-" if c in "-_." else c
        if c != "-" or not out.endswith("-"):
            out += c
    return out


def canonicalize_version(version, *, strip_trailing_zero=True):
    return str(version)
