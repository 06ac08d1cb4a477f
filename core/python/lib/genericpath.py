# genericpath: what os.path shares.
from posixpath import commonprefix, exists, getmtime, getsize, isdir, isfile
