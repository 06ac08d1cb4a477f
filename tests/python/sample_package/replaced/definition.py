__all__ = ["Wanted", "Second"]


class Wanted:
    size = 7


Second = Wanted
Hidden = "Hidden"
