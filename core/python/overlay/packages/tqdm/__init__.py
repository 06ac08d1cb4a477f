# tqdm: iteration without a bar.


class tqdm:
    monitor_interval = 0

    def __init__(self, iterable=None, *args, total=None, desc=None, **kw):
        self.iterable, self.total, self.desc, self.n, self.disable = iterable, total, desc, 0, True

    def __iter__(self):
        return iter(self.iterable)

    def __len__(self):
        return len(self.iterable) if self.iterable is not None else self.total

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def update(self, n=1):
        self.n += n

    def close(self):
        pass

    def set_description(self, *a, **k):
        pass

    set_postfix = set_postfix_str = set_description_str = refresh = reset = clear = set_description

    @classmethod
    def write(cls, s, *a, **k):
        pass

    @classmethod
    def set_lock(cls, lock):
        pass

    @classmethod
    def get_lock(cls):
        from threading import RLock

        return RLock()

    def __class_getitem__(cls, k):
        return cls


def trange(*args, **kw):
    return tqdm(range(*args), **kw)
