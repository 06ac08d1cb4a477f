# Event files: none.
class SummaryWriter:
    def __init__(self, *args, **kwargs):
        self.args = args

    def add_scalar(self, *args, **kwargs):
        return None

    def close(self):
        return None
