# zipfile: not available.


class BadZipFile(Exception):
    pass


def is_zipfile(filename):
    return False


class ZipFile:
    def __init__(self, file, *a, **k):
        raise BadZipFile("File is not a zip file")
