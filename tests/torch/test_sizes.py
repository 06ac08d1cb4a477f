# Sizes that factories refuse.
import torch


def t(f, *a, **k):
    try:
        print(f.__name__, a, tuple(f(*a, **k).shape))
    except Exception as e:
        print(f.__name__, a, type(e).__name__, e)


for f in (torch.empty, torch.zeros, torch.ones):
    for a in (
        (1.0, 2),
        (1.0,),
        (2, 3.5),
        ((1.0, 2),),
        ((2, 1.5),),
        ([2, 1.5],),
        (2, 3, 1.5),
        ("a",),
        (None,),
        ((None, 2),),
        (2, None),
        (2, "x"),
        (True, 2),
    ):
        t(f, *a)
