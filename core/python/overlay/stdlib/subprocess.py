# subprocess: no program is ever run; every command is not found.
PIPE, STDOUT, DEVNULL = -1, -2, -3


class SubprocessError(Exception):
    pass


class CalledProcessError(SubprocessError):
    def __init__(self, returncode, cmd, output=None, stderr=None):
        super().__init__(returncode, cmd)
        self.returncode, self.cmd, self.output, self.stdout, self.stderr = (
            returncode,
            cmd,
            output,
            output,
            stderr,
        )

    def __str__(self):
        return f"Command {self.cmd!r} returned non-zero exit status {self.returncode}."


class TimeoutExpired(SubprocessError):
    def __init__(self, cmd, timeout, output=None, stderr=None):
        super().__init__(cmd, timeout)
        self.cmd, self.timeout, self.output, self.stderr = cmd, timeout, output, stderr


class CompletedProcess:
    def __init__(self, args, returncode, stdout=None, stderr=None):
        self.args, self.returncode, self.stdout, self.stderr = args, returncode, stdout, stderr

    def check_returncode(self):
        if self.returncode:
            raise CalledProcessError(self.returncode, self.args, self.stdout, self.stderr)


def _missing(args):
    name = args.split()[0] if isinstance(args, str) else str(args[0])
    raise FileNotFoundError(2, "No such file or directory", name)


def run(args, **kw):
    _missing(args)


def check_output(args, **kw):
    _missing(args)


def check_call(args, **kw):
    _missing(args)


def call(args, **kw):
    _missing(args)


def getoutput(cmd, **kw):
    return ""


def getstatusoutput(cmd, **kw):
    return 127, ""


class Popen:
    def __init__(self, args, *rest, **kw):
        _missing(args)

    def __class_getitem__(cls, k):
        return cls


def list2cmdline(seq):
    import shlex

    return shlex.join(seq)
