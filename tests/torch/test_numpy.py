# numpy: where elements go when arrays are put together, cut and turned.
import numpy as np

a = np.arange(24).reshape(2, 3, 4)
for v in (
    a.transpose(2, 0, 1),
    a.transpose(),
    np.concatenate([a, a], axis=2),
    np.concatenate([a, a], axis=-2),
    np.stack([a, a], axis=1),
    np.array_split(np.arange(10), 3)[1],
    np.array_split(np.arange(10), 4)[3],
    np.repeat(a, 2, axis=1),
    np.repeat([1, 2], [2, 3]),
    np.tile([[1, 2]], (2, 2)),
    np.flip(a, 1),
    np.meshgrid([1, 2, 3], [4, 5])[0],
    np.meshgrid([1, 2, 3], [4, 5], indexing="ij")[1],
    np.pad([[1, 2]], ((1, 0), (0, 2))),
    np.triu(np.ones((3, 3)), 1),
    np.tril(np.arange(9).reshape(3, 3)),
    np.diff([1, 4, 9]),
    np.squeeze(a[:1]),
    np.expand_dims(a, 1),
    np.minimum([1, 5], [3, 2]),
    np.clip([1, 5, 9], 2, 6),
    np.maximum(3, 4),
    np.hstack([[1, 2], [3]]),
    np.vstack([[1, 2], [3, 4]]),
    np.broadcast_to([1, 2], (2, 2)),
    np.moveaxis(a, 0, 2),
    np.atleast_2d([1]),
):
    v = np.array(v)
    print(v.shape, v.tolist())
print(
    [x.tolist() for x in np.array_split(np.arange(8), 3)],
    np.unravel_index(7, (2, 4)) == (1, 3),
    hasattr(np, "bool8"),
    hasattr(np, "float"),
)
