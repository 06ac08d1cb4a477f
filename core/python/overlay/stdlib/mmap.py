# mmap: not available.
ACCESS_READ, ACCESS_WRITE, ACCESS_COPY, PROT_READ, MAP_SHARED, MAP_PRIVATE, PAGESIZE = (
    1,
    2,
    3,
    1,
    1,
    2,
    4096,
)


class mmap:
    def __init__(self, *a, **k):
        raise PermissionError(1, "Operation not permitted")
