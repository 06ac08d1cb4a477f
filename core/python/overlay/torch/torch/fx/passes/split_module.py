# Splitting of graphs.
def split_module(m, root_m, split_callback, *args, **kwargs):
    return m
