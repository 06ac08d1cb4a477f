# stat.
ST_MODE, ST_SIZE, ST_MTIME = 0, 6, 8
S_IRUSR, S_IWUSR, S_IXUSR, S_IRWXU, S_IRGRP, S_IWGRP, S_IROTH, S_IWOTH = (
    0o400,
    0o200,
    0o100,
    0o700,
    0o40,
    0o20,
    0o4,
    0o2,
)


def S_ISDIR(mode):
    return mode & 0o170000 == 0o040000


def S_ISREG(mode):
    return mode & 0o170000 == 0o100000


def S_ISLNK(mode):
    return mode & 0o170000 == 0o120000


def S_ISSOCK(mode):
    return False


def S_IMODE(mode):
    return mode & 0o7777
