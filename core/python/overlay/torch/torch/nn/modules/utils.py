# Values for each of several dimensions.
def _many(n):
    def repeated(x):
        return tuple(x) if isinstance(x, (tuple, list)) else (x,) * n

    return repeated


_single = _many(1)
_pair = _many(2)
_triple = _many(3)
_quadruple = _many(4)


def _ntuple(n, name="parse"):
    return _many(n)


def consume_prefix_in_state_dict_if_present(state_dict, prefix):
    for key in list(state_dict.keys()):
        if key.startswith(prefix):
            state_dict[key[len(prefix) :]] = state_dict.pop(key)
