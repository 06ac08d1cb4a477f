# errno: Linux error numbers.
(
    EPERM,
    ENOENT,
    ESRCH,
    EINTR,
    EIO,
    ENXIO,
    E2BIG,
    ENOEXEC,
    EBADF,
    ECHILD,
    EAGAIN,
    ENOMEM,
    EACCES,
    EFAULT,
) = range(1, 15)
EWOULDBLOCK = EAGAIN
EBUSY, EEXIST, EXDEV, ENODEV, ENOTDIR, EISDIR, EINVAL, ENFILE, EMFILE, ENOTTY = range(16, 26)
EFBIG, ENOSPC, ESPIPE, EROFS, EMLINK, EPIPE, EDOM, ERANGE = range(27, 35)
ENAMETOOLONG, ENOSYS, ENOTEMPTY, ELOOP = 36, 38, 39, 40
(
    ENOTSUP,
    EOPNOTSUPP,
    EADDRINUSE,
    EADDRNOTAVAIL,
    ENETUNREACH,
    ECONNRESET,
    ETIMEDOUT,
    ECONNREFUSED,
    EHOSTUNREACH,
    ESTALE,
) = 95, 95, 98, 99, 101, 104, 110, 111, 113, 116
_TEXT = {
    1: "Operation not permitted",
    2: "No such file or directory",
    13: "Permission denied",
    17: "File exists",
    20: "Not a directory",
    21: "Is a directory",
    22: "Invalid argument",
    28: "No space left on device",
}
errorcode = {
    1: "EPERM",
    2: "ENOENT",
    6: "ENXIO",
    11: "EAGAIN",
    13: "EACCES",
    17: "EEXIST",
    20: "ENOTDIR",
    21: "EISDIR",
    22: "EINVAL",
    28: "ENOSPC",
}
