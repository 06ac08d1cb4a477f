# Packed and padded sequences.
from torch._elementwise import filled
from torch._storage import Size


class PackedSequence(tuple):
    pass


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    sequences = list(sequences)
    n = 0
    for s in sequences:
        if s.shape[0] > n:
            n = s.shape[0]
    first = sequences[0]
    shape = (len(sequences), n) if batch_first else (n, len(sequences))
    out = filled(Size(shape) + first.shape[1:], first.dtype, first.device, padding_value)
    for i, s in enumerate(sequences):
        k = s.shape[0]
        a, b = (0, k) if padding_side == "right" else (n - k, n)
        if batch_first:
            out[i, a:b] = s
        else:
            out[a:b, i] = s
    return out


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [r[:n] for r, n in zip(rows.unbind(0), lengths.tolist())]


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    return PackedSequence((input, lengths))


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    return sequence[0], sequence[1]


def pack_sequence(sequences, enforce_sorted=True):
    return PackedSequence((sequences, None))
