# filecmp.


def cmp(f1, f2, shallow=True):
    with open(f1, "rb") as a, open(f2, "rb") as b:
        return a.read() == b.read()
