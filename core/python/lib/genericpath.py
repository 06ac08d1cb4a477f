# genericpath: what os.path shares.
from os.path import commonprefix, exists, getmtime, getsize, isdir, isfile
