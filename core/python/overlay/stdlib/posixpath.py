# posixpath: os.path under its own name.
from os.path import *
from os.path import _s
