# platform: Linux on x86_64.


def system():
    return "Linux"


def machine():
    return "x86_64"


processor = machine


def node():
    return "kdex"


def release():
    return "5.15.0"


def version():
    return "#1 SMP"


def python_version():
    return "3.11.7"


def python_version_tuple():
    return ("3", "11", "7")


def python_implementation():
    return "CPython"


def platform(aliased=False, terse=False):
    return "Linux-5.15.0-x86_64-with-glibc2.36"


def architecture(*a, **k):
    return ("64bit", "ELF")


def libc_ver(*a, **k):
    return ("glibc", "2.36")


class uname_result(tuple):
    system, node, release, version, machine = (property(lambda s, i=i: s[i]) for i in range(5))
    processor = property(lambda s: s[4])


def uname():
    return uname_result(("Linux", "kdex", "5.15.0", "#1 SMP", "x86_64"))


def freedesktop_os_release():
    return {
        "ID": "debian",
        "VERSION_ID": "12",
        "NAME": "Debian GNU/Linux",
        "PRETTY_NAME": "Debian GNU/Linux 12",
    }
