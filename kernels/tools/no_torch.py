"""Stands for torch where there is none: everything is a thing that can be called, indexed and computed with, and holds
nothing. So verify.py goes through its cases, and asks for their plans, without a GPU."""


class Nothing:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments, **named):
        return self

    def __getitem__(self, at):
        return self

    def __setitem__(self, at, value):
        pass

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __bool__(self):
        return True

    def __index__(self):
        return 0

    def __float__(self):
        return 0.0


def calculate(self, *others):
    return self


for operator in "add sub mul truediv floordiv mod matmul and or".split():
    setattr(Nothing, f"__{operator}__", calculate)
    setattr(Nothing, f"__r{operator}__", calculate)
for operator in "neg lt le gt ge eq ne".split():
    setattr(Nothing, f"__{operator}__", calculate)
Nothing.__hash__ = object.__hash__

torch = Nothing()
