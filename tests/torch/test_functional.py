# Shapes that functions give, and their errors; factories; products; values of small computations.
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def show(t):
    if isinstance(t, (tuple, list)):
        return "(" + ", ".join(show(x) for x in t) + ")"
    if not isinstance(t, torch.Tensor):
        return repr(t)
    return "%s %s" % (tuple(t.shape), t.dtype)


def attempt(name, f):
    try:
        print(name, show(f()))
    except Exception as e:
        print(name, type(e).__name__, str(e).split("\n")[0])


def values(name, f):
    try:
        t = f()
        print(
            name,
            tuple(t.shape),
            t.dtype,
            [round(v, 5) if isinstance(v, float) else v for v in t.reshape(-1).tolist()],
        )
    except Exception as e:
        print(name, type(e).__name__, str(e).split("\n")[0])


def E(*s, **k):
    return torch.zeros(*s, **k)


CASES = [
    ("F.linear(E(2, 3), E(4, 3))", lambda: F.linear(E(2, 3), E(4, 3))),
    ("F.linear(E(5, 2, 3), E(4, 3), E(4))", lambda: F.linear(E(5, 2, 3), E(4, 3), E(4))),
    ("F.linear(E(2, 3), E(4, 5))", lambda: F.linear(E(2, 3), E(4, 5))),
    ("F.linear(E(3), E(4, 3))", lambda: F.linear(E(3), E(4, 3))),
    (
        "F.embedding(E(2, 3, dtype=torch.int64), E(10, 4))",
        lambda: F.embedding(E(2, 3, dtype=torch.int64), E(10, 4)),
    ),
    ("F.conv1d(E(1, 4, 10), E(8, 4, 3))", lambda: F.conv1d(E(1, 4, 10), E(8, 4, 3))),
    (
        "F.conv1d(E(4, 10), E(8, 4, 3), stride=2, padding=1)",
        lambda: F.conv1d(E(4, 10), E(8, 4, 3), stride=2, padding=1),
    ),
    (
        "F.conv1d(E(1, 4, 10), E(8, 1, 3), groups=4, padding=2)",
        lambda: F.conv1d(E(1, 4, 10), E(8, 1, 3), groups=4, padding=2),
    ),
    (
        'F.conv2d(E(1, 3, 8, 8), E(8, 3, 3, 3), padding="same")',
        lambda: F.conv2d(E(1, 3, 8, 8), E(8, 3, 3, 3), padding="same"),
    ),
    (
        "F.conv2d(E(1, 3, 8, 8), E(8, 3, 2, 3), stride=(2, 1), dilation=2)",
        lambda: F.conv2d(E(1, 3, 8, 8), E(8, 3, 2, 3), stride=(2, 1), dilation=2),
    ),
    (
        "F.conv3d(E(1, 3, 4, 8, 8), E(8, 3, 2, 4, 4), stride=(2, 4, 4))",
        lambda: F.conv3d(E(1, 3, 4, 8, 8), E(8, 3, 2, 4, 4), stride=(2, 4, 4)),
    ),
    (
        "F.conv_transpose1d(E(1, 4, 10), E(4, 8, 4), stride=2, padding=1)",
        lambda: F.conv_transpose1d(E(1, 4, 10), E(4, 8, 4), stride=2, padding=1),
    ),
    (
        "F.conv_transpose2d(E(1, 4, 5, 5), E(4, 2, 2, 2), stride=2, groups=2)",
        lambda: F.conv_transpose2d(E(1, 4, 5, 5), E(4, 2, 2, 2), stride=2, groups=2),
    ),
    ("F.max_pool2d(E(1, 3, 7, 7), 3, 2, 1)", lambda: F.max_pool2d(E(1, 3, 7, 7), 3, 2, 1)),
    (
        "F.max_pool2d(E(1, 3, 7, 7), 2, ceil_mode=True)",
        lambda: F.max_pool2d(E(1, 3, 7, 7), 2, ceil_mode=True),
    ),
    ("F.max_pool1d(E(3, 7), 2)", lambda: F.max_pool1d(E(3, 7), 2)),
    ("F.avg_pool1d(E(1, 3, 7), 2)", lambda: F.avg_pool1d(E(1, 3, 7), 2)),
    ("F.avg_pool2d(E(1, 3, 8, 8), 2, stride=3)", lambda: F.avg_pool2d(E(1, 3, 8, 8), 2, stride=3)),
    ("F.avg_pool3d(E(1, 3, 8, 8, 8), 2)", lambda: F.avg_pool3d(E(1, 3, 8, 8, 8), 2)),
    (
        "F.adaptive_avg_pool2d(E(1, 3, 8, 8), (2, None))",
        lambda: F.adaptive_avg_pool2d(E(1, 3, 8, 8), (2, None)),
    ),
    ("F.adaptive_avg_pool1d(E(1, 3, 8), 4)", lambda: F.adaptive_avg_pool1d(E(1, 3, 8), 4)),
    (
        "F.interpolate(E(1, 3, 8, 8), scale_factor=2.0)",
        lambda: F.interpolate(E(1, 3, 8, 8), scale_factor=2.0),
    ),
    (
        'F.interpolate(E(1, 3, 8, 8), size=(5, 6), mode="bilinear")',
        lambda: F.interpolate(E(1, 3, 8, 8), size=(5, 6), mode="bilinear"),
    ),
    (
        "F.interpolate(E(1, 3, 9), scale_factor=0.5)",
        lambda: F.interpolate(E(1, 3, 9), scale_factor=0.5),
    ),
    ("F.interpolate(E(1, 3, 9))", lambda: F.interpolate(E(1, 3, 9))),
    ("F.pad(E(2, 3), (1, 2))", lambda: F.pad(E(2, 3), (1, 2))),
    ("F.pad(E(2, 3, 4), (1, 2, 0, 3))", lambda: F.pad(E(2, 3, 4), (1, 2, 0, 3))),
    ("F.pad(E(2, 3), (-1, 0))", lambda: F.pad(E(2, 3), (-1, 0))),
    ("F.pad(E(2, 3), (-4, 0))", lambda: F.pad(E(2, 3), (-4, 0))),
    ("F.pad(E(2, 3), (1,))", lambda: F.pad(E(2, 3), (1,))),
    ("F.pad(E(2, 3), (1, 1, 1, 1, 1, 1))", lambda: F.pad(E(2, 3), (1, 1, 1, 1, 1, 1))),
    ("F.unfold(E(1, 3, 8, 8), 2, stride=2)", lambda: F.unfold(E(1, 3, 8, 8), 2, stride=2)),
    (
        "F.fold(E(1, 12, 16), (8, 8), 2, stride=2)",
        lambda: F.fold(E(1, 12, 16), (8, 8), 2, stride=2),
    ),
    ("F.pixel_shuffle(E(1, 12, 4, 4), 2)", lambda: F.pixel_shuffle(E(1, 12, 4, 4), 2)),
    ("F.pixel_unshuffle(E(1, 3, 8, 8), 2)", lambda: F.pixel_unshuffle(E(1, 3, 8, 8), 2)),
    ("F.layer_norm(E(2, 8), (8,))", lambda: F.layer_norm(E(2, 8), (8,))),
    ("F.layer_norm(E(2, 8), (4,))", lambda: F.layer_norm(E(2, 8), (4,))),
    ("F.rms_norm(E(2, 8), (8,))", lambda: F.rms_norm(E(2, 8), (8,))),
    ("F.group_norm(E(2, 8, 3), 4)", lambda: F.group_norm(E(2, 8, 3), 4)),
    ("F.normalize(E(2, 8), dim=-1)", lambda: F.normalize(E(2, 8), dim=-1)),
    ("F.cosine_similarity(E(2, 8), E(2, 8))", lambda: F.cosine_similarity(E(2, 8), E(2, 8))),
    ("F.glu(E(2, 8))", lambda: F.glu(E(2, 8))),
    ("F.glu(E(2, 7))", lambda: F.glu(E(2, 7))),
    ("F.softmax(E(2, 8), dim=-1)", lambda: F.softmax(E(2, 8), dim=-1)),
    (
        "F.softmax(E(2, 8, dtype=torch.bfloat16), dim=-1, dtype=torch.float32)",
        lambda: F.softmax(E(2, 8, dtype=torch.bfloat16), dim=-1, dtype=torch.float32),
    ),
    ("F.softmax(E(2, 8), dim=3)", lambda: F.softmax(E(2, 8), dim=3)),
    ("F.log_softmax(E(2, 8), dim=-1)", lambda: F.log_softmax(E(2, 8), dim=-1)),
    ("F.gelu(E(2, dtype=torch.float16))", lambda: F.gelu(E(2, dtype=torch.float16))),
    ("F.silu(E(2))", lambda: F.silu(E(2))),
    (
        "F.scaled_dot_product_attention(E(1, 4, 5, 8), E(1, 4, 6, 8), E(1, 4, 6, 16))",
        lambda: F.scaled_dot_product_attention(E(1, 4, 5, 8), E(1, 4, 6, 8), E(1, 4, 6, 16)),
    ),
    ("F.one_hot(torch.tensor([0, 2]), 4)", lambda: F.one_hot(torch.tensor([0, 2]), 4)),
    ("F.one_hot(torch.tensor([0, 2]))", lambda: F.one_hot(torch.tensor([0, 2]))),
    (
        "F.cross_entropy(E(2, 3), E(2, dtype=torch.int64))",
        lambda: F.cross_entropy(E(2, 3), E(2, dtype=torch.int64)),
    ),
    ("F.mse_loss(E(2, 3), E(2, 3))", lambda: F.mse_loss(E(2, 3), E(2, 3))),
    (
        "F.grid_sample(E(1, 3, 4, 4), E(1, 5, 6, 2))",
        lambda: F.grid_sample(E(1, 3, 4, 4), E(1, 5, 6, 2)),
    ),
    ("F.dropout(E(2, 3), 0.5)", lambda: F.dropout(E(2, 3), 0.5)),
    ("F.dropout(E(2, 3), 1.5)", lambda: F.dropout(E(2, 3), 1.5)),
    ("torch.matmul(E(2, 3), E(3, 4))", lambda: torch.matmul(E(2, 3), E(3, 4))),
    ("torch.matmul(E(5, 1, 2, 3), E(6, 3, 4))", lambda: torch.matmul(E(5, 1, 2, 3), E(6, 3, 4))),
    ("torch.matmul(E(2, 3), E(4, 5))", lambda: torch.matmul(E(2, 3), E(4, 5))),
    ("torch.matmul(E(3), E(3, 4))", lambda: torch.matmul(E(3), E(3, 4))),
    ("torch.matmul(E(2, 3), E(3))", lambda: torch.matmul(E(2, 3), E(3))),
    ("torch.matmul(E(2, 5, 3), E(3))", lambda: torch.matmul(E(2, 5, 3), E(3))),
    (
        "torch.matmul(E(2, 3), E(3, 4, dtype=torch.float16))",
        lambda: torch.matmul(E(2, 3), E(3, 4, dtype=torch.float16)),
    ),
    ("torch.matmul(E(5, 2, 3), E(5, 4, 3))", lambda: torch.matmul(E(5, 2, 3), E(5, 4, 3))),
    ("torch.bmm(E(5, 2, 3), E(5, 3, 4))", lambda: torch.bmm(E(5, 2, 3), E(5, 3, 4))),
    ("torch.bmm(E(5, 2, 3), E(6, 3, 4))", lambda: torch.bmm(E(5, 2, 3), E(6, 3, 4))),
    ("torch.bmm(E(5, 2), E(6, 3, 4))", lambda: torch.bmm(E(5, 2), E(6, 3, 4))),
    ("torch.mm(E(2, 3), E(4, 5))", lambda: torch.mm(E(2, 3), E(4, 5))),
    ("torch.mm(E(2), E(4, 5))", lambda: torch.mm(E(2), E(4, 5))),
    ("torch.addmm(E(4), E(2, 3), E(3, 4))", lambda: torch.addmm(E(4), E(2, 3), E(3, 4))),
    ("torch.addmm(E(5), E(2, 3), E(3, 4))", lambda: torch.addmm(E(5), E(2, 3), E(3, 4))),
    ("torch.outer(E(3), E(4))", lambda: torch.outer(E(3), E(4))),
    ('torch.einsum("i,j->ij", E(3), E(4))', lambda: torch.einsum("i,j->ij", E(3), E(4))),
    (
        'torch.einsum("bij,bjk->bik", E(2, 3, 4), E(2, 4, 5))',
        lambda: torch.einsum("bij,bjk->bik", E(2, 3, 4), E(2, 4, 5)),
    ),
    (
        'torch.einsum("...d,d->...", E(2, 3, 4), E(4))',
        lambda: torch.einsum("...d,d->...", E(2, 3, 4), E(4)),
    ),
    ('torch.einsum("ij,jk", E(2, 3), E(3, 4))', lambda: torch.einsum("ij,jk", E(2, 3), E(3, 4))),
    (
        'torch.einsum("ij,jk->ik", E(2, 3), E(4, 4))',
        lambda: torch.einsum("ij,jk->ik", E(2, 3), E(4, 4)),
    ),
    ('torch.einsum("ijk->ij", E(2, 3))', lambda: torch.einsum("ijk->ij", E(2, 3))),
    ("torch.polar(E(2, 3), E(2, 3))", lambda: torch.polar(E(2, 3), E(2, 3))),
    ("torch.view_as_complex(E(2, 3, 2))", lambda: torch.view_as_complex(E(2, 3, 2))),
    ("torch.view_as_complex(E(2, 3))", lambda: torch.view_as_complex(E(2, 3))),
    (
        "torch.view_as_real(E(2, 3, dtype=torch.complex64))",
        lambda: torch.view_as_real(E(2, 3, dtype=torch.complex64)),
    ),
    ("torch.topk(E(2, 8), 3)", lambda: torch.topk(E(2, 8), 3)),
    ("torch.sort(E(2, 8))", lambda: torch.sort(E(2, 8))),
    ("torch.max(E(2, 8), dim=-1, keepdim=True)", lambda: torch.max(E(2, 8), dim=-1, keepdim=True)),
    ("torch.argmax(E(2, 8), dim=-1)", lambda: torch.argmax(E(2, 8), dim=-1)),
    (
        "torch.sum(E(2, 8, dtype=torch.bool), dim=1)",
        lambda: torch.sum(E(2, 8, dtype=torch.bool), dim=1),
    ),
    ("torch.mean(E(2, 8, dtype=torch.int64))", lambda: torch.mean(E(2, 8, dtype=torch.int64))),
    ("torch.std(E(2, 8), dim=0)", lambda: torch.std(E(2, 8), dim=0)),
    ("torch.norm(E(2, 8), dim=-1)", lambda: torch.norm(E(2, 8), dim=-1)),
    ("torch.linalg.norm(E(2, 8), dim=-1)", lambda: torch.linalg.norm(E(2, 8), dim=-1)),
    ("torch.var_mean(E(2, 8), dim=-1)", lambda: torch.var_mean(E(2, 8), dim=-1)),
    (
        "torch.cumsum(E(2, 8, dtype=torch.int32), 0)",
        lambda: torch.cumsum(E(2, 8, dtype=torch.int32), 0),
    ),
    ("torch.stack([E(2), E(2)])", lambda: torch.stack([E(2), E(2)])),
    ("torch.cat([E(2, 3), E(4, 3)])", lambda: torch.cat([E(2, 3), E(4, 3)])),
    ("torch.cat([E(2, 3), E(4, 2)])", lambda: torch.cat([E(2, 3), E(4, 2)])),
    (
        "torch.cat([E(2, 3), E(2, 3, dtype=torch.int8)])",
        lambda: torch.cat([E(2, 3), E(2, 3, dtype=torch.int8)]),
    ),
    (
        "torch.where(E(2, 1, dtype=torch.bool), E(3), 1.0)",
        lambda: torch.where(E(2, 1, dtype=torch.bool), E(3), 1.0),
    ),
    (
        "torch.where(E(2, dtype=torch.bool), 1, 2)",
        lambda: torch.where(E(2, dtype=torch.bool), 1, 2),
    ),
    (
        "torch.gather(E(2, 8), 1, E(2, 3, dtype=torch.int64))",
        lambda: torch.gather(E(2, 8), 1, E(2, 3, dtype=torch.int64)),
    ),
    (
        "torch.gather(E(2, 8), 1, E(3, 3, dtype=torch.int64))",
        lambda: torch.gather(E(2, 8), 1, E(3, 3, dtype=torch.int64)),
    ),
    (
        "torch.index_select(E(2, 8), 1, E(3, dtype=torch.int64))",
        lambda: torch.index_select(E(2, 8), 1, E(3, dtype=torch.int64)),
    ),
    (
        "torch.repeat_interleave(E(2, 8), 3, dim=1)",
        lambda: torch.repeat_interleave(E(2, 8), 3, dim=1),
    ),
    (
        'torch.meshgrid(E(2), E(3), indexing="ij")',
        lambda: torch.meshgrid(E(2), E(3), indexing="ij"),
    ),
    (
        'torch.meshgrid(E(2), E(3), indexing="xy")',
        lambda: torch.meshgrid(E(2), E(3), indexing="xy"),
    ),
    ("torch.split(E(7, 3), 3)", lambda: torch.split(E(7, 3), 3)),
    ("torch.chunk(E(7, 3), 3)", lambda: torch.chunk(E(7, 3), 3)),
    ("torch.unbind(E(3, 2))", lambda: torch.unbind(E(3, 2))),
    ("torch.empty(2, 3)", lambda: torch.empty(2, 3)),
    ("torch.empty((2, 3))", lambda: torch.empty((2, 3))),
    ("torch.empty([])", lambda: torch.empty([])),
    ("torch.empty(0)", lambda: torch.empty(0)),
    ("torch.empty(2, -1)", lambda: torch.empty(2, -1)),
    ('torch.empty("a")', lambda: torch.empty("a")),
    ("torch.empty(2, 1.5)", lambda: torch.empty(2, 1.5)),
    ("torch.empty(2, None)", lambda: torch.empty(2, None)),
    (
        "torch.empty(torch.Size([2]), dtype=torch.float8_e4m3fn)",
        lambda: torch.empty(torch.Size([2]), dtype=torch.float8_e4m3fn),
    ),
    ("torch.zeros(2, dtype=torch.int32)", lambda: torch.zeros(2, dtype=torch.int32)),
    ("torch.full((2,), True)", lambda: torch.full((2,), True)),
    ("torch.full((2,), 3)", lambda: torch.full((2,), 3)),
    ("torch.full([2], 3.0, dtype=torch.int64)", lambda: torch.full([2], 3.0, dtype=torch.int64)),
    ("torch.arange(5)", lambda: torch.arange(5)),
    ("torch.arange(5.0)", lambda: torch.arange(5.0)),
    ("torch.arange(1, 2, 0.25)", lambda: torch.arange(1, 2, 0.25)),
    ("torch.arange(5, 0)", lambda: torch.arange(5, 0)),
    ("torch.arange(5, 0, -2)", lambda: torch.arange(5, 0, -2)),
    (
        "torch.arange(0, 10, 3, dtype=torch.float32)",
        lambda: torch.arange(0, 10, 3, dtype=torch.float32),
    ),
    ("torch.linspace(0, 1, 5)", lambda: torch.linspace(0, 1, 5)),
    ("torch.eye(3)", lambda: torch.eye(3)),
    ("torch.rand(2, 3)", lambda: torch.rand(2, 3)),
    ("torch.randn((2, 3))", lambda: torch.randn((2, 3))),
    ("torch.randint(0, 5, (2, 3))", lambda: torch.randint(0, 5, (2, 3))),
    ("torch.randint(5, (2,))", lambda: torch.randint(5, (2,))),
    ("torch.randperm(5)", lambda: torch.randperm(5)),
    ("torch.tensor([1, 2])", lambda: torch.tensor([1, 2])),
    ("torch.tensor([1, 2.5])", lambda: torch.tensor([1, 2.5])),
    ("torch.tensor([True])", lambda: torch.tensor([True])),
    ("torch.tensor([])", lambda: torch.tensor([])),
    ("torch.tensor([[1, 2], [3]])", lambda: torch.tensor([[1, 2], [3]])),
    ('torch.tensor("a")', lambda: torch.tensor("a")),
    ("torch.tensor(None)", lambda: torch.tensor(None)),
    (
        "torch.tensor([torch.tensor(1), torch.tensor(2)])",
        lambda: torch.tensor([torch.tensor(1), torch.tensor(2)]),
    ),
    ("torch.as_tensor([1], dtype=torch.int8)", lambda: torch.as_tensor([1], dtype=torch.int8)),
    ("torch.Tensor(2, 3)", lambda: torch.Tensor(2, 3)),
    ("torch.Tensor([1, 2])", lambda: torch.Tensor([1, 2])),
    ("torch.LongTensor([1, 2])", lambda: torch.LongTensor([1, 2])),
    ("torch.FloatTensor(2)", lambda: torch.FloatTensor(2)),
    ("torch.ones_like(E(2, dtype=torch.int8))", lambda: torch.ones_like(E(2, dtype=torch.int8))),
    (
        "torch.zeros_like(E(2), dtype=torch.int64)",
        lambda: torch.zeros_like(E(2), dtype=torch.int64),
    ),
    ('torch.empty_like(E(2, 3), device="cpu")', lambda: torch.empty_like(E(2, 3), device="cpu")),
    ("torch.empty_strided((2, 3), (1, 2))", lambda: torch.empty_strided((2, 3), (1, 2))),
    (
        "torch.empty(1, 2, 3, 4, memory_format=torch.channels_last).stride()",
        lambda: torch.empty(1, 2, 3, 4, memory_format=torch.channels_last).stride(),
    ),
    ("E(2, 3).new_zeros(4)", lambda: E(2, 3).new_zeros(4)),
    ("E(2, 3).new_tensor([1.5])", lambda: E(2, 3).new_tensor([1.5])),
    ("torch.tril(torch.ones(3, 3))", lambda: torch.tril(torch.ones(3, 3))),
    ("torch.triu_indices(3, 3)", lambda: torch.triu_indices(3, 3)),
    ("torch.hann_window(16)", lambda: torch.hann_window(16)),
    (
        "torch.stft(torch.zeros(1, 160), 16, 4, window=torch.hann_window(16), return_complex=True)",
        lambda: torch.stft(
            torch.zeros(1, 160), 16, 4, window=torch.hann_window(16), return_complex=True
        ),
    ),
    ("torch.fft.rfft(torch.zeros(2, 16))", lambda: torch.fft.rfft(torch.zeros(2, 16))),
    (
        "torch.nn.utils.rnn.pad_sequence([torch.ones(2), torch.ones(3)], batch_first=True)",
        lambda: torch.nn.utils.rnn.pad_sequence([torch.ones(2), torch.ones(3)], batch_first=True),
    ),
    ('torch.device("cuda")', lambda: torch.device("cuda")),
    ('torch.device("cuda:1")', lambda: torch.device("cuda:1")),
    ('torch.device("cuda", 1)', lambda: torch.device("cuda", 1)),
    (
        'torch.device("cpu") == torch.device("cpu", 0)',
        lambda: torch.device("cpu") == torch.device("cpu", 0),
    ),
    ('torch.device("cuda:x")', lambda: torch.device("cuda:x")),
    ('torch.device("foo")', lambda: torch.device("foo")),
    ('str(torch.device("meta"))', lambda: str(torch.device("meta"))),
    ('torch.device(type="cuda", index=2).index', lambda: torch.device(type="cuda", index=2).index),
    ('torch.device("cuda:-1")', lambda: torch.device("cuda:-1")),
    ('torch.device("")', lambda: torch.device("")),
    ('torch.empty(2, device="foo")', lambda: torch.empty(2, device="foo")),
    (
        'hash(torch.device("cpu")) == hash(torch.device("cpu"))',
        lambda: hash(torch.device("cpu")) == hash(torch.device("cpu")),
    ),
    (
        "nn.LSTM(4, 8, bidirectional=True)(torch.zeros(3, 2, 4))",
        lambda: nn.LSTM(4, 8, bidirectional=True)(torch.zeros(3, 2, 4)),
    ),
    (
        "nn.GRU(4, 8, batch_first=True)(torch.zeros(2, 3, 4))",
        lambda: nn.GRU(4, 8, batch_first=True)(torch.zeros(2, 3, 4)),
    ),
    (
        "nn.MultiheadAttention(8, 2)(torch.zeros(3, 1, 8), torch.zeros(5, 1, 8), torch.zeros(5, 1, 8))",
        lambda: nn.MultiheadAttention(8, 2)(
            torch.zeros(3, 1, 8), torch.zeros(5, 1, 8), torch.zeros(5, 1, 8)
        ),
    ),
    (
        "nn.Conv2d(3, 4, 2)(torch.zeros(1, 3, 5, 5))",
        lambda: nn.Conv2d(3, 4, 2)(torch.zeros(1, 3, 5, 5)),
    ),
    (
        "nn.Conv2d(3, 4, 2)(torch.zeros(1, 4, 5, 5))",
        lambda: nn.Conv2d(3, 4, 2)(torch.zeros(1, 4, 5, 5)),
    ),
    ("nn.Conv2d(3, 4, 2)(torch.zeros(4, 5))", lambda: nn.Conv2d(3, 4, 2)(torch.zeros(4, 5))),
    ("nn.Linear(3, 4)(torch.zeros(2, 2))", lambda: nn.Linear(3, 4)(torch.zeros(2, 2))),
    (
        "nn.Embedding(3, 4)(torch.zeros(2, 2, dtype=torch.int64))",
        lambda: nn.Embedding(3, 4)(torch.zeros(2, 2, dtype=torch.int64)),
    ),
    ("torch.Size([2, 3]).numel()", lambda: torch.Size([2, 3]).numel()),
    ("torch.Size((2,)) + torch.Size((3,))", lambda: torch.Size((2,)) + torch.Size((3,))),
    ("torch.iinfo(torch.int32).max", lambda: torch.iinfo(torch.int32).max),
    ("torch.finfo(torch.bfloat16).min", lambda: torch.finfo(torch.bfloat16).min),
    ("torch.nonexistent", lambda: torch.nonexistent),
    ("torch.nn.nonexistent", lambda: torch.nn.nonexistent),
    ("torch.npu", lambda: torch.npu),
    ("torch.empty(2).nonexistent", lambda: torch.empty(2).nonexistent),
    ("torch.empty(2).__len__()", lambda: torch.empty(2).__len__()),
    ("len(torch.empty(()))", lambda: len(torch.empty(()))),
    ("torch.empty(2, 3)[..., 0, 0, 0]", lambda: torch.empty(2, 3)[..., 0, 0, 0]),
    ("list(torch.empty(()))", lambda: list(torch.empty(()))),
    ('torch.zeros(2) + "a"', lambda: torch.zeros(2) + "a"),
    ("torch.zeros(2) @ 3", lambda: torch.zeros(2) @ 3),
    ("torch.zeros(2) < None", lambda: torch.zeros(2) < None),
    ("torch.zeros(3).view(2, 2)", lambda: torch.zeros(3).view(2, 2)),
    ("torch.ones(2, 3).sum(2)", lambda: torch.ones(2, 3).sum(2)),
    ("torch.ones(2, 3).permute(0)", lambda: torch.ones(2, 3).permute(0)),
    ("torch.ones(2, 3).transpose(0, 2)", lambda: torch.ones(2, 3).transpose(0, 2)),
    ("torch.ones(2, 3).unsqueeze(4)", lambda: torch.ones(2, 3).unsqueeze(4)),
    ("torch.stack([])", lambda: torch.stack([])),
    ("torch.ones(2).expand(3, 4)", lambda: torch.ones(2).expand(3, 4)),
    ("torch.zeros(2, dtype=torch.int64).mean()", lambda: torch.zeros(2, dtype=torch.int64).mean()),
    (
        "torch.zeros(2).requires_grad_().requires_grad",
        lambda: torch.zeros(2).requires_grad_().requires_grad,
    ),
    (
        "torch.zeros(2, dtype=torch.int64).requires_grad_()",
        lambda: torch.zeros(2, dtype=torch.int64).requires_grad_(),
    ),
    ("torch.is_tensor(E(1))", lambda: torch.is_tensor(E(1))),
    ("torch.numel(E(2, 3))", lambda: torch.numel(E(2, 3))),
    (
        "torch.equal(torch.ones(2), torch.ones(2))",
        lambda: torch.equal(torch.ones(2), torch.ones(2)),
    ),
    (
        "torch.allclose(torch.ones(2), torch.ones(2) + 1e-9)",
        lambda: torch.allclose(torch.ones(2), torch.ones(2) + 1e-9),
    ),
    ("torch.broadcast_tensors(E(2, 1), E(3))", lambda: torch.broadcast_tensors(E(2, 1), E(3))),
    ("torch.hstack([E(2), E(3)])", lambda: torch.hstack([E(2), E(3)])),
    ("torch.tensordot(E(2, 3), E(3, 4), 1)", lambda: torch.tensordot(E(2, 3), E(3, 4), 1)),
    ("torch.atleast_2d(E(3))", lambda: torch.atleast_2d(E(3))),
    ("torch.diag(E(3))", lambda: torch.diag(E(3))),
    ("torch.diag(E(3, 3))", lambda: torch.diag(E(3, 3))),
    ("torch.clamp(E(2), 0)", lambda: torch.clamp(E(2), 0)),
    ("torch.clamp(E(2))", lambda: torch.clamp(E(2))),
    ("torch.rsub(E(2), 1)", lambda: torch.rsub(E(2), 1)),
    ("torch.isin(torch.tensor([1]), 1)", lambda: torch.isin(torch.tensor([1]), 1)),
    ("torch.special.expit(E(2))", lambda: torch.special.expit(E(2))),
    ("torch.flatten(E(2, 3, 4), 1)", lambda: torch.flatten(E(2, 3, 4), 1)),
    ("torch.squeeze(E(1, 2, 1))", lambda: torch.squeeze(E(1, 2, 1))),
    ("torch.movedim(E(1, 2, 3), 0, -1)", lambda: torch.movedim(E(1, 2, 3), 0, -1)),
    ("torch.unflatten(E(2, 6), 1, (2, 3))", lambda: torch.unflatten(E(2, 6), 1, (2, 3))),
    ("torch.tile(E(2, 3), (2,))", lambda: torch.tile(E(2, 3), (2,))),
    ("torch.roll(E(2, 3), 1, 0)", lambda: torch.roll(E(2, 3), 1, 0)),
    (
        "torch.searchsorted(torch.tensor([1.0, 2.0]), torch.tensor([1.5]))",
        lambda: torch.searchsorted(torch.tensor([1.0, 2.0]), torch.tensor([1.5])),
    ),
]
for name, f in CASES:
    attempt(name, f)

VALUES = [
    (
        "1.0 / (10000 ** (torch.arange(0, 8, 2, dtype=torch.float) / 8))",
        lambda: 1.0 / (10000 ** (torch.arange(0, 8, 2, dtype=torch.float) / 8)),
    ),
    (
        "torch.arange(4).float() @ torch.arange(4).float()",
        lambda: torch.arange(4).float() @ torch.arange(4).float(),
    ),
    (
        "torch.outer(torch.arange(3).float(), torch.tensor([0.5, 0.25]))",
        lambda: torch.outer(torch.arange(3).float(), torch.tensor([0.5, 0.25])),
    ),
    (
        "torch.arange(6).view(2, 3).float().softmax(-1) * 0 + 1",
        lambda: torch.arange(6).view(2, 3).float().softmax(-1) * 0 + 1,
    ),
    ("torch.linspace(0, 1, 5)", lambda: torch.linspace(0, 1, 5)),
    (
        "torch.linspace(0, 10, 4, dtype=torch.int64)",
        lambda: torch.linspace(0, 10, 4, dtype=torch.int64),
    ),
    ("torch.logspace(0, 2, 3)", lambda: torch.logspace(0, 2, 3)),
    ("torch.eye(2)", lambda: torch.eye(2)),
    ("torch.cos(torch.arange(4) * 0.1)", lambda: torch.cos(torch.arange(4) * 0.1)),
    (
        "torch.cat([torch.arange(2), torch.arange(2) + 0.5])",
        lambda: torch.cat([torch.arange(2), torch.arange(2) + 0.5]),
    ),
    ("torch.arange(10)[3:8:2]", lambda: torch.arange(10)[3:8:2]),
    ("torch.arange(4).repeat(2)", lambda: torch.arange(4).repeat(2)),
    (
        "torch.arange(8).view(2, 4).permute(1, 0).flatten()",
        lambda: torch.arange(8).view(2, 4).permute(1, 0).flatten(),
    ),
    ("torch.full((3,), 2.5).int()", lambda: torch.full((3,), 2.5).int()),
    ("torch.tensor([1, 2, 3]).bool()", lambda: torch.tensor([1, 2, 3]).bool()),
    ("torch.tensor([0.1, 0.2]).sum()", lambda: torch.tensor([0.1, 0.2]).sum()),
    ("torch.tensor([1, 2, 3]).float().mean()", lambda: torch.tensor([1, 2, 3]).float().mean()),
    ("torch.tensor([3, 1, 2]).sort()[0]", lambda: torch.tensor([3, 1, 2]).sort()[0]),
    ("torch.tensor([3, 1, 2]).argsort()", lambda: torch.tensor([3, 1, 2]).argsort()),
    (
        "torch.tensor([1.0, 2.0]).to(torch.float16) * 3.3",
        lambda: torch.tensor([1.0, 2.0]).to(torch.float16) * 3.3,
    ),
    (
        "torch.tensor([1.0, 2.0]).bfloat16() * 3.3",
        lambda: torch.tensor([1.0, 2.0]).bfloat16() * 3.3,
    ),
    (
        "torch.where(torch.tensor([True, False]), torch.tensor([1, 2]), torch.tensor([3, 4]))",
        lambda: torch.where(
            torch.tensor([True, False]), torch.tensor([1, 2]), torch.tensor([3, 4])
        ),
    ),
    ("torch.tensor([[1, 2], [3, 4]])[:, 1]", lambda: torch.tensor([[1, 2], [3, 4]])[:, 1]),
    (
        "torch.tensor([[1, 2], [3, 4]]).t().reshape(-1)",
        lambda: torch.tensor([[1, 2], [3, 4]]).t().reshape(-1),
    ),
    (
        "torch.tensor([5, 6, 7])[torch.tensor([2, 0])]",
        lambda: torch.tensor([5, 6, 7])[torch.tensor([2, 0])],
    ),
    (
        "torch.zeros(3).index_fill_(0, torch.tensor([1]), 2.0) * 0",
        lambda: torch.zeros(3).index_fill_(0, torch.tensor([1]), 2.0) * 0,
    ),
    ("torch.cumsum(torch.tensor([1, 2, 3]), 0)", lambda: torch.cumsum(torch.tensor([1, 2, 3]), 0)),
    ("torch.ones(3).cumsum(0)", lambda: torch.ones(3).cumsum(0)),
    ("torch.tensor([1, -2]).abs()", lambda: torch.tensor([1, -2]).abs()),
    ("torch.tensor([7]) // torch.tensor([2])", lambda: torch.tensor([7]) // torch.tensor([2])),
    ("torch.tensor([-7]) // 2", lambda: torch.tensor([-7]) // 2),
    ("torch.tensor([-7]) % 3", lambda: torch.tensor([-7]) % 3),
    ("torch.tensor([-7.5]).fmod(2)", lambda: torch.tensor([-7.5]).fmod(2)),
    (
        'torch.div(torch.tensor([-7]), 2, rounding_mode="trunc")',
        lambda: torch.div(torch.tensor([-7]), 2, rounding_mode="trunc"),
    ),
    ("torch.tensor([2]).pow(3)", lambda: torch.tensor([2]).pow(3)),
    ("torch.tensor([2.0]) ** -1", lambda: torch.tensor([2.0]) ** -1),
    ("torch.tensor([1, 2]) << 2", lambda: torch.tensor([1, 2]) << 2),
    ("torch.tensor([6]) & 3", lambda: torch.tensor([6]) & 3),
    ("torch.tensor([True, False]) ^ True", lambda: torch.tensor([True, False]) ^ True),
    ("torch.tensor([1.7, -1.7]).floor()", lambda: torch.tensor([1.7, -1.7]).floor()),
    ("torch.tensor([1.7, -1.7]).trunc()", lambda: torch.tensor([1.7, -1.7]).trunc()),
    ("torch.tensor([255]).to(torch.int8)", lambda: torch.tensor([255]).to(torch.int8)),
    ("torch.tensor([-1]).to(torch.uint8)", lambda: torch.tensor([-1]).to(torch.uint8)),
    ("torch.tensor([3.99]).long()", lambda: torch.tensor([3.99]).long()),
    ("torch.tensor([0.0, 1.0]).log()", lambda: torch.tensor([0.0, 1.0]).log()),
    ("torch.tensor([4.0]).rsqrt()", lambda: torch.tensor([4.0]).rsqrt()),
    ("torch.tensor([0.0]).sigmoid()", lambda: torch.tensor([0.0]).sigmoid()),
    ("torch.tensor([-1.0, 2.0]).relu()", lambda: torch.tensor([-1.0, 2.0]).relu()),
    (
        "torch.tensor([-1.0, 2.0]).clamp(min=0, max=1)",
        lambda: torch.tensor([-1.0, 2.0]).clamp(min=0, max=1),
    ),
    (
        "torch.maximum(torch.tensor([1, 5]), torch.tensor([3, 2]))",
        lambda: torch.maximum(torch.tensor([1, 5]), torch.tensor([3, 2])),
    ),
    ("torch.tensor([1, 2, 2]).unique()", lambda: torch.tensor([1, 2, 2]).unique()),
    ("torch.tensor([1, 2, 3]).flip(0)", lambda: torch.tensor([1, 2, 3]).flip(0)),
    ("torch.tensor([[1, 2], [3, 4]]).sum(0)", lambda: torch.tensor([[1, 2], [3, 4]]).sum(0)),
    ("torch.tensor([[1, 2], [3, 4]]).max(1)[0]", lambda: torch.tensor([[1, 2], [3, 4]]).max(1)[0]),
    ("torch.tensor([[1, 2], [3, 4]]).amin(0)", lambda: torch.tensor([[1, 2], [3, 4]]).amin(0)),
    (
        "torch.tensor([1, 2, 3, 4]).unfold(0, 2, 1)",
        lambda: torch.tensor([1, 2, 3, 4]).unfold(0, 2, 1),
    ),
    ("torch.tensor([1, 2, 3, 4]).diff()", lambda: torch.tensor([1, 2, 3, 4]).diff()),
    ("torch.tril(torch.ones(2, 2))", lambda: torch.tril(torch.ones(2, 2))),
    (
        'torch.isinf(torch.tensor([float("inf"), 1.0]))',
        lambda: torch.isinf(torch.tensor([float("inf"), 1.0])),
    ),
    (
        "F.pad(torch.tensor([1, 2]), (1, 1), value=9)",
        lambda: F.pad(torch.tensor([1, 2]), (1, 1), value=9),
    ),
    ("F.one_hot(torch.tensor([1]), 3)", lambda: F.one_hot(torch.tensor([1]), 3)),
    (
        "torch.nn.utils.rnn.pad_sequence([torch.ones(1), torch.ones(2)], batch_first=True)",
        lambda: torch.nn.utils.rnn.pad_sequence([torch.ones(1), torch.ones(2)], batch_first=True),
    ),
    (
        "torch.stack([torch.tensor(1), torch.tensor(2)])",
        lambda: torch.stack([torch.tensor(1), torch.tensor(2)]),
    ),
    ("torch.tensor(math.pi)", lambda: torch.tensor(math.pi)),
    (
        "torch.bucketize(torch.tensor([1, 3]), torch.tensor([2]))",
        lambda: torch.bucketize(torch.tensor([1, 3]), torch.tensor([2])),
    ),
    (
        "torch.repeat_interleave(torch.tensor([1, 2]))",
        lambda: torch.repeat_interleave(torch.tensor([1, 2])),
    ),
    (
        "torch.unravel_index(torch.tensor([5]), (2, 3))[0]",
        lambda: torch.unravel_index(torch.tensor([5]), (2, 3))[0],
    ),
    (
        'torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")[1]',
        lambda: torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")[1],
    ),
    ("torch.triu_indices(2, 2)", lambda: torch.triu_indices(2, 2)),
    (
        "torch.count_nonzero(torch.tensor([0, 3]))",
        lambda: torch.count_nonzero(torch.tensor([0, 3])),
    ),
    (
        "torch.scatter(torch.zeros(3), 0, torch.tensor([1]), torch.tensor([5.0]))",
        lambda: torch.scatter(torch.zeros(3), 0, torch.tensor([1]), torch.tensor([5.0])),
    ),
    ("torch.tensor([1.5]).round()", lambda: torch.tensor([1.5]).round()),
    ("torch.tensor([2.5]).round()", lambda: torch.tensor([2.5]).round()),
    ("torch.tensor([1]).eq(1)", lambda: torch.tensor([1]).eq(1)),
    (
        "torch.result_type(torch.tensor([1]), 1.0) and torch.tensor([1])",
        lambda: torch.result_type(torch.tensor([1]), 1.0) and torch.tensor([1]),
    ),
    ("torch.ones(2, 2).fill_diagonal_(3) * 0", lambda: torch.ones(2, 2).fill_diagonal_(3) * 0),
]
for name, f in VALUES:
    values(name, f)
