# cachetools.keys: what the arguments of a call are looked up by.


def hashkey(*args, **kwargs):
    return (*args, *[x for item in sorted(kwargs.items()) for x in item]) if kwargs else args


def methodkey(self, *args, **kwargs):
    return hashkey(*args, **kwargs)


def typedkey(*args, **kwargs):
    types = [type(v) for v in args] + [type(v) for _, v in sorted(kwargs.items())]
    return (*hashkey(*args, **kwargs), *types)
