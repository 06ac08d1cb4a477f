# pwd.


def getpwuid(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")


def getpwnam(name):
    raise KeyError(f"getpwnam(): name not found: {name!r}")
