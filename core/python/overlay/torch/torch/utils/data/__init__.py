# Data sets and loaders: the classes only.
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Dataset(Generic[_T]):
    def __getitem__(self, index):
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")


class IterableDataset(Dataset[_T]):
    pass


class TensorDataset(Dataset):
    def __init__(self, *tensors):
        self.tensors = tensors


class Sampler(Generic[_T]):
    def __init__(self, data_source=None):
        self.data_source = data_source


class RandomSampler(Sampler[int]):
    pass


class SequentialSampler(Sampler[int]):
    pass


class BatchSampler(Sampler[list]):
    pass


class DataLoader(Generic[_T]):
    def __init__(self, dataset, *args, **kwargs):
        self.dataset = dataset


def get_worker_info():
    return None


def default_collate(batch):
    return batch


def __getattr__(name):
    return _real("torch.utils.data", name)


from torch._real import attribute as _real  # noqa: E402
