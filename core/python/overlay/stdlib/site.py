# site.


def getsitepackages(prefixes=None):
    return ["/usr/lib/python3.11/site-packages"]


def getusersitepackages():
    return "/root/.local/lib/python3.11/site-packages"
