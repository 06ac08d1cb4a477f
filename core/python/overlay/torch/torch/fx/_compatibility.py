# Marks of stable names.
def compatibility(is_backward_compatible):
    return lambda f: f
