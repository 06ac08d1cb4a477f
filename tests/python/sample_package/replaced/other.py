from .definition import Hidden

__all__ = ["third"]
third = 3
