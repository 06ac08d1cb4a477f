# Exchange of tensors.
def from_dlpack(ext_tensor, **kwargs):
    return ext_tensor


def to_dlpack(tensor):
    return tensor
