# packaging.
__version__ = "25.0"
