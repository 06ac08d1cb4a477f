# A name that a later statement binds together with another: the order of statements holds, whichever is asked first.
found, version = False, "none"
count = 0
label = "early"
if version == "none":
    count, label = 3, "late"


def mark(f):
    return "marked"


handler = None


@mark
def handler():
    pass
