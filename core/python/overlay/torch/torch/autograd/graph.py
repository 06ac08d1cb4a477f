# Hooks on saved tensors: nothing is saved.
class saved_tensors_hooks:
    def __init__(self, *args, **kwargs):
        self.args = args

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


class save_on_cpu(saved_tensors_hooks):
    pass


class Node:
    pass
