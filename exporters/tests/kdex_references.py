"""What the tests of references share: inputs for a definition, what they must give, the comparison.

Each test holds the reference of one definition of this dataset against an implementation that shares no code with
it: formulas in float64, written from the mathematics, and FlashInfer's kernels where there is a GPU and the package
has one. Sizes are the definition's own. A definition whose inputs are larger than KDEX_TEST_MB (1024 MB; 16384 on a
GPU) is skipped with its size.

Needs torch and pytest.
"""

import json
import math
import os
import pathlib
import re

import pytest
import torch

DATASET = pathlib.Path(__file__).resolve().parents[2]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
MEGABYTES = int(os.environ.get("KDEX_TEST_MB", 16384 if DEVICE == "cuda" else 1024))
#: Relative errors (Frobenius) by the dtype of an output: a few roundings of it.
TOLERANCE = {"bfloat16": 8e-3, "float16": 2e-3, "float32": 1e-4}
COLUMNS = 128  # of a product that are compared: random ones
E2M1 = (0, 0.5, 1, 1.5, 2, 3, 4, 6)


class Definition:
    """A definition of the dataset with its reference."""

    def __init__(self, name):
        (file,) = DATASET.glob(f"definitions/*/{name}.json")
        self.json = json.loads(file.read_text())
        self.name, self.op_type = name, self.json["op_type"]
        self.inputs, self.outputs = self.json["inputs"], self.json["outputs"]
        self.sizes = {k: a["value"] for k, a in self.json["axes"].items() if a["type"] == "const"}
        self.text = self.json["reference"]

    def run(self, inputs):
        """Its reference's outputs by name."""
        space = {}
        exec(compile(self.text, self.name, "exec"), space)
        got = space["run"](*[inputs[name] for name in self.inputs])
        return dict(zip(self.outputs, got if isinstance(got, tuple | list) else [got]))

    def constant(self, name, default):
        """A number or word that the form has as a line `NAME = ...` of the reference."""
        found = re.search(rf"^{name} = ([^#\n]+)", self.text, re.M)
        if not found:
            return default
        value = found[1].strip()
        return value.strip("\"'") if isinstance(default, str) else type(default)(float(value))

    def dtype(self, tensor):
        return getattr(torch, {**self.inputs, **self.outputs}[tensor]["dtype"])


class Inputs:
    """Random tensors of one case, the same for the same name and case."""

    def __init__(self, definition, case, **sizes):
        self.d, self.case = definition, case
        self.sizes = {**definition.sizes, **sizes}
        self.random = torch.Generator(DEVICE).manual_seed(sum(map(ord, definition.name + case)))

    def shape(self, name):
        return [self.sizes[axis] for axis in self.d.inputs[name]["shape"]]

    def check_size(self):
        """Skips the test where the tensors of constant sizes are too large."""
        total = 0
        for name, spec in self.d.inputs.items():
            if spec["shape"] and all(axis in self.sizes for axis in spec["shape"]):
                total += (
                    math.prod(self.shape(name))
                    * torch.empty(0, dtype=self.d.dtype(name)).element_size()
                )
        if total > MEGABYTES << 20:
            pytest.skip(f"inputs of {total >> 20} MB are over KDEX_TEST_MB={MEGABYTES}")

    def normal(self, name, scale=1.0):
        """Normal values in the tensor's dtype; zeros in the case of zeros."""
        shape, dtype = self.shape(name), self.d.dtype(name)
        if self.case == "zeros":
            return torch.zeros(shape, dtype=torch.float32, device=DEVICE).to(dtype)
        part = torch.float32 if dtype.itemsize == 1 or math.prod(shape) < 1 << 24 else dtype
        return (torch.randn(shape, generator=self.random, device=DEVICE, dtype=part) * scale).to(
            dtype
        )

    def factors(self, name, low=0.5, high=1.5):
        values = torch.rand(self.shape(name), generator=self.random, device=DEVICE)
        return (values * (high - low) + low).to(self.d.dtype(name))

    def nibbles(self, name):
        """Pairs of FP4 values in bytes."""
        high = 1 if self.case == "zeros" else 256
        bits = torch.randint(
            0, high, self.shape(name), generator=self.random, device=DEVICE, dtype=torch.uint8
        )
        return bits.view(torch.int8)


def offsets(lengths):
    return torch.tensor([0, *lengths], device=DEVICE).cumsum(0).to(torch.int32)


def f64(t):
    return t.to(torch.float32).to(torch.float64) if t.dtype.itemsize == 1 else t.to(torch.float64)


def fp4(packed):
    """The values of packed bytes along the last dimension, the low half first."""
    bits = packed.view(torch.uint8).to(torch.long)
    codes = torch.stack([bits % 16, bits // 16], dim=-1).flatten(-2)
    table = torch.tensor([*E2M1, *[-v for v in E2M1]], dtype=torch.float64, device=packed.device)
    return table[codes]


# --- products ---


class Product:
    cases = {"one": 1, "several": 7, "zeros": 3}

    @staticmethod
    def inputs(d, case):
        n, k = d.sizes["N"], d.sizes["K"]
        blocks = {"K_div_block": -(-k // 128), "N_div_block": -(-n // 128)}
        make = Inputs(d, case, M=Product.cases[case], **blocks)
        make.check_size()
        out = {}
        for name, spec in d.inputs.items():
            if not spec["shape"]:
                out[name] = 16 if name == "block_size" else 0.37
            elif "scale" in name:
                out[name] = make.factors(name)
            elif spec["dtype"] == "int8":
                out[name] = make.nibbles(name)
            else:
                out[name] = make.normal(name)
        return out

    @staticmethod
    def formula(d, x):
        """Some columns of the product, and which."""
        n = d.sizes["N"]
        columns = torch.randperm(n, device=DEVICE)[:COLUMNS].sort().values
        if "a_scale" in x:
            a = f64(x["a"]) * f64(x["a_scale"]).repeat_interleave(128, dim=1)[:, : x["a"].shape[1]]
            b = f64(x["b"][columns])
            b = b * f64(x["b_scale"])[columns // 128].repeat_interleave(128, dim=1)[:, : b.shape[1]]
        elif "a_descale" in x:
            a = fp4(x["A"]) * f64(x["a_descale"]).repeat_interleave(16, dim=1)
            b = fp4(x["B"][:, columns].T.contiguous()) * f64(x["b_descale"])[
                :, columns
            ].T.repeat_interleave(16, dim=1)
            a = a * x["alpha"]
        elif "alpha" in x:  # the weight in blocks of K
            a = f64(x["A"]) * x["alpha"]
            b = f64(x["B"][:, columns]).permute(1, 0, 2).flatten(1)
        else:
            a, b = f64(x["A"]), x["B"]
            by_columns = d.inputs["B"]["shape"][-1] == "N"
            b = f64(b[..., :, columns].mT if by_columns else b[..., columns, :])
        return {next(iter(d.outputs)): (a @ b.mT, columns)}


# --- rows: norms, activations, rotary embedding, quantization ---


class Norm:
    cases = {"one": 1, "several": 7, "zeros": 2}

    @staticmethod
    def inputs(d, case):
        make = Inputs(d, case, batch_size=Norm.cases[case])
        return {name: make.normal(name) for name in d.inputs}

    @staticmethod
    def formula(d, x):
        rows = f64(x["hidden_states"]) + (f64(x["residual"]) if "residual" in x else 0)
        mean = (rows * rows).mean(dim=1, keepdim=True)
        y = (
            rows
            * (mean + d.constant("EPS", 0.0)) ** -0.5
            * (f64(x["weight"]) + d.constant("WEIGHT_OFFSET", 0.0))
        )
        return dict(zip(d.outputs, (y, rows)))

    @staticmethod
    def flashinfer(d, x, flashinfer):
        if d.constant("WEIGHT_OFFSET", 0.0):
            pytest.skip("FlashInfer's function is another")
        eps = d.constant("EPS", 0.0)
        if "residual" not in x:
            return {"output": flashinfer.norm.rmsnorm(x["hidden_states"], x["weight"], eps)}
        y, residual = x["hidden_states"].clone(), x["residual"].clone()
        flashinfer.norm.fused_add_rmsnorm(y, residual, x["weight"], eps)
        return dict(zip(d.outputs, (y, residual)))


def activated(x, kind):
    if kind == "silu":
        return x / (1 + torch.exp(-x))
    if kind == "gelu":
        return x * 0.5 * torch.erfc(-x / math.sqrt(2))
    if kind == "gelu_tanh":
        return x / (1 + torch.exp(-2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    pytest.skip(f"no formula of the activation '{kind}'")


class Activation:
    cases = {"one": 1, "several": 7, "zeros": 2}

    @staticmethod
    def inputs(d, case):
        return {"input": Inputs(d, case, num_tokens=Activation.cases[case]).normal("input", 3.0)}

    @staticmethod
    def formula(d, x):
        gate, up = f64(x["input"]).chunk(2, dim=1)
        return {next(iter(d.outputs)): activated(gate, d.constant("FUNCTION", "")) * up}

    @staticmethod
    def flashinfer(d, x, flashinfer):
        names = {"silu": "silu_and_mul", "gelu": "gelu_and_mul", "gelu_tanh": "gelu_tanh_and_mul"}
        function = getattr(flashinfer.activation, names[d.constant("FUNCTION", "")])
        return {next(iter(d.outputs)): function(x["input"])}


class Rotary:
    cases = {"one": 1, "several": 9, "zeros": 2}

    @staticmethod
    def inputs(d, case):
        tokens, positions = Rotary.cases[case], 50
        make = Inputs(
            d, case, num_tokens=tokens, num_qo_heads=5, num_kv_heads=2, max_seq_len=positions
        )
        make.sizes = {**make.sizes, **d.sizes}
        steps = torch.arange(0, d.sizes["rotary_dim"], 2, device=DEVICE) / d.sizes["rotary_dim"]
        angles = torch.arange(positions, device=DEVICE)[:, None] * 10000.0**-steps
        return {
            "q": make.normal("q"), "k": make.normal("k"),
            "cos_sin_cache": torch.cat([angles.cos(), angles.sin()], dim=1).to(d.dtype("cos_sin_cache")),
            "positions": torch.randint(0, positions, (tokens,), generator=make.random, device=DEVICE),
        }  # fmt: skip

    @staticmethod
    def formula(d, x):
        """Products of complex numbers."""
        half = d.sizes["rotary_dim"] // 2
        row = f64(x["cos_sin_cache"][x["positions"]])
        turn = torch.complex(row[:, :half], row[:, half:]).unsqueeze(1)
        halves = d.constant("IS_NEOX", "True") == "True"
        out = []
        for name in ("q", "k"):
            y = f64(x[name]).clone()
            part = y[..., : 2 * half]
            re_, im = (
                (part[..., :half], part[..., half:])
                if halves
                else (part[..., 0::2], part[..., 1::2])
            )
            z = torch.complex(re_.contiguous(), im.contiguous()) * turn
            y[..., : 2 * half] = (
                torch.cat([z.real, z.imag], dim=-1)
                if halves
                else torch.stack([z.real, z.imag], dim=-1).flatten(-2)
            )
            out.append(y)
        return dict(zip(d.outputs, out))

    @staticmethod
    def flashinfer(d, x, flashinfer):
        tokens, head = x["q"].shape[0], x["q"].shape[2]
        q, k = (x[n].clone().reshape(tokens, -1) for n in ("q", "k"))
        flashinfer.rope.apply_rope_with_cos_sin_cache_inplace(
            x["positions"], q, k, head, x["cos_sin_cache"], d.constant("IS_NEOX", "True") == "True"
        )
        return dict(zip(d.outputs, (q.reshape(x["q"].shape), k.reshape(x["k"].shape))))


class Quantization:
    cases = {"one": 1, "several": 7, "zeros": 2}

    @staticmethod
    def inputs(d, case):
        return {"input": Inputs(d, case, M=Quantization.cases[case]).normal("input", 2.0)}

    @staticmethod
    def formula(d, x):
        """The scales, and what the values stand for: half a step of e4m3 from the input at most."""
        rows = f64(x["input"])
        largest = rows.unflatten(1, (-1, d.sizes["group_size"])).abs().amax(dim=2).clamp(min=1e-10)
        scaled = rows * (448 / largest).repeat_interleave(d.sizes["group_size"], dim=1)
        return {"output_s": largest / 448, "output_q": scaled}

    tolerance = {"output_q": 0.04}  # roundings to three bits of mantissa, uniform: 2**-4 / sqrt(3)


# --- attention ---


def attend(q, k, v, last, scale, window, cap, sinks):
    """One sequence in float64. q [nq, H, D], k and v [nk, G, D]; `last`: the last key that each query sees."""
    heads, groups = q.shape[1], k.shape[1]
    k, v = (t.repeat_interleave(heads // groups, dim=1) for t in (k, v))
    z = torch.einsum("qhd,khd->hqk", q, k) * scale
    z = cap * torch.tanh(z / cap) if cap else z
    keys = torch.arange(k.shape[0], device=q.device)
    seen = keys <= last[:, None]
    if window >= 0:
        seen &= keys >= last[:, None] - window
    z = z.masked_fill(~seen, -math.inf)
    if sinks is not None:
        z = torch.cat([z, sinks.reshape(-1, 1, 1).expand(heads, z.shape[1], 1)], dim=2)
    lse = torch.logsumexp(z, dim=2)
    weights = torch.exp(z - torch.where(lse.isinf(), 0, lse).unsqueeze(2))[..., : k.shape[0]]
    return torch.einsum("hqk,khd->qhd", weights, v), lse.T / math.log(2)


class Attention:
    cases = {"one": 0, "several": 1, "zeros": 2}

    @staticmethod
    def lengths(d, case):
        """Keys of each sequence: an empty one, one beyond a page, several pages and a part."""
        page = d.sizes.get("page_size", 1)
        keys = {"one": [1], "several": [page + 1, 2 * page + 3, page], "zeros": [3]}[case]
        if case == "several" and "kv_indices" in d.inputs:
            keys.insert(0, 0)
        if "qo_indptr" not in d.inputs:
            return [1] * len(keys), keys
        return [max(min(n, 2), n - 1) if n < 100 else 5 for n in keys], keys

    @staticmethod
    def inputs(d, case):
        queries, keys = Attention.lengths(d, case)
        page = d.sizes.get("page_size", 1)
        counts = [-(-n // page) for n in keys]
        pages = sum(counts) + 3
        make = Inputs(
            d, case, batch_size=len(keys), total_q=sum(queries), total_kv=sum(keys), num_pages=pages,
            len_indptr=len(keys) + 1, num_kv_indices=sum(counts),
        )  # fmt: skip
        make.check_size()
        width = d.sizes.get("head_dim") or d.sizes.get("qk_dim") or 192
        order = torch.randperm(pages, generator=make.random, device=DEVICE)[: sum(counts)].to(
            torch.int32
        )
        last = [0 if n == 0 else n - (c - 1) * page for n, c in zip(keys, counts)]
        known = {
            "qo_indptr": offsets(queries), "kv_indices": order,
            "kv_indptr": offsets(counts if "kv_indices" in d.inputs else keys),
            "kv_last_page_len": torch.tensor(last, dtype=torch.int32, device=DEVICE),
            "sm_scale": 1 / math.sqrt(width), "k_scale": 0.75, "v_scale": 1.5, "return_lse": 1,
        }  # fmt: skip
        out = {}
        for name, spec in d.inputs.items():
            if name in known:
                out[name] = known[name]
            elif not spec["shape"] or "scale" in name:
                pytest.skip(f"no formula for the input '{name}'")
            else:
                out[name] = make.normal(name)
        return out

    @staticmethod
    def sequence(d, x, i, keys):
        """Keys and values of one sequence, float64."""
        first, end = int(x["kv_indptr"][i]), int(x["kv_indptr"][i + 1])
        if "kv_indices" not in x:
            return f64(x["k"][first:end]), f64(x["v"][first:end])
        pages = x["kv_indices"][first:end].to(torch.long)
        rows = lambda cache: f64(cache[pages]).flatten(0, 1)[:keys]
        if "ckv_cache" in x:
            latent = rows(x["ckv_cache"]).unsqueeze(1)
            return torch.cat([latent, rows(x["kpe_cache"]).unsqueeze(1)], dim=2), latent
        return rows(x["k_cache"]), rows(x["v_cache"])

    @staticmethod
    def formula(d, x):
        q = f64(torch.cat([x["q_nope"], x["q_pe"]], dim=2) if "q_nope" in x else x["q"])
        outs, lses = [], []
        at = 0
        case_keys = Attention.keys_of(x)
        for i, keys in enumerate(case_keys):
            nq = int(x["qo_indptr"][i + 1] - x["qo_indptr"][i]) if "qo_indptr" in x else 1
            k, v = Attention.sequence(d, x, i, keys)
            last = torch.arange(keys - nq, keys, device=q.device)
            o, lse = attend(
                q[at : at + nq], k, v, last, x["sm_scale"] * x.get("k_scale", 1.0), d.constant("WINDOW_LEFT", -1),
                d.constant("LOGIT_CAP", 0.0), f64(x["sinks"]) if "sinks" in x else None,
            )  # fmt: skip
            outs.append(o * x.get("v_scale", 1.0))
            lses.append(lse)
            at += nq
        return dict(zip(d.outputs, (torch.cat(outs), torch.cat(lses))))

    @staticmethod
    def keys_of(x):
        counts = (x["kv_indptr"][1:] - x["kv_indptr"][:-1]).tolist()
        if "kv_indices" not in x:
            return counts
        cache = x["ckv_cache"] if "ckv_cache" in x else x["k_cache"]
        page = cache.shape[1]
        last = x["kv_last_page_len"].tolist() if "kv_last_page_len" in x else [page] * len(counts)
        return [0 if n == 0 else (n - 1) * page + tail for n, tail in zip(counts, last)]

    @staticmethod
    def flashinfer(d, x, flashinfer):
        if "q" not in x or "sinks" in x or "k_scale" in x or "kv_indices" not in x:
            pytest.skip("no call of FlashInfer is written for this form")
        page = d.sizes["page_size"]
        keys = Attention.keys_of(x)
        if 0 in keys:
            pytest.skip("FlashInfer's wrappers take no empty sequence")
        last = x.get("kv_last_page_len")
        last = (
            torch.full((len(keys),), page, dtype=torch.int32, device=DEVICE)
            if last is None
            else last
        )
        space = torch.empty(128 << 20, dtype=torch.uint8, device=DEVICE)
        heads = (d.sizes["num_qo_heads"], d.sizes["num_kv_heads"], d.sizes["head_dim"], page)
        settings = {
            "window_left": d.constant("WINDOW_LEFT", -1), "logits_soft_cap": d.constant("LOGIT_CAP", 0.0),
            "sm_scale": x["sm_scale"], "q_data_type": x["q"].dtype, "kv_data_type": x["k_cache"].dtype,
        }  # fmt: skip
        if "qo_indptr" in x:
            wrapper = flashinfer.BatchPrefillWithPagedKVCacheWrapper(space, "NHD")
            wrapper.plan(
                x["qo_indptr"], x["kv_indptr"], x["kv_indices"], last, *heads, causal=True, **settings
            )  # fmt: skip
        else:
            wrapper = flashinfer.BatchDecodeWithPagedKVCacheWrapper(space, "NHD")
            wrapper.plan(x["kv_indptr"], x["kv_indices"], last, *heads, **settings)
        got = wrapper.run(x["q"], (x["k_cache"], x["v_cache"]), return_lse=True)
        return dict(zip(d.outputs, got))


# --- mixtures of experts ---


class Experts:
    cases = {"one": 1, "several": 5}

    @staticmethod
    def inputs(d, case):
        h, i = d.sizes["hidden_size"], d.sizes["intermediate_size"]
        g = d.sizes["gemm1_out_size"]
        blocks = {
            "num_hidden_blocks": -(-h // 128), "num_intermediate_blocks": -(-i // 128),
            "num_gemm1_out_blocks": -(-g // 128),
        }  # fmt: skip
        make = Inputs(d, case, seq_len=Experts.cases[case], **blocks)
        make.sizes = {**make.sizes, **d.sizes}
        make.check_size()
        out = {}
        for name, spec in d.inputs.items():
            if name in ("local_expert_offset", "routed_scaling_factor"):
                out[name] = 0 if name == "local_expert_offset" else 2.5
            elif name == "topk_ids":
                experts = d.sizes.get("num_experts", d.sizes.get("num_local_experts"))
                order = [
                    torch.randperm(experts, generator=make.random, device=DEVICE)
                    for _ in range(make.shape(name)[0])
                ]
                out[name] = torch.stack(order)[:, : d.sizes["top_k"]].to(torch.int32)
            elif name == "topk_weights" or "scale" in name:
                low, high = (0.01, 0.03) if "weights_scale" in name else (0.5, 1.5)
                out[name] = make.factors(name, low, high)
            elif (
                spec["dtype"] == "int8"
                or name in ("gemm1_alpha", "gemm1_beta", "gemm1_clamp_limit")
                or not spec["shape"]
            ):
                pytest.skip(f"no formula for the input '{name}'")
            elif name.startswith("gemm") and d.dtype(name).itemsize > 1:
                out[name] = make.normal(name, 0.05)
            else:
                out[name] = make.normal(name)
        return out

    @staticmethod
    def route(d, x):
        """For each token: expert and weight, float64."""
        if "topk_ids" in x:
            return [
                list(zip(i, w)) for i, w in zip(x["topk_ids"].tolist(), x["topk_weights"].tolist())
            ]
        top_k = d.sizes.get("top_k") or d.constant("TOP_K", 0)
        kind = "ds" if "routing_bias" in x else d.constant("ROUTING", "")
        out = []
        for row in f64(x["routing_logits"]).tolist():
            sigmoid = [1 / (1 + math.exp(-v)) for v in row]
            biased = (
                [s + b for s, b in zip(sigmoid, f64(x["routing_bias"]).tolist())]
                if kind == "ds"
                else row
            )
            allowed = Experts.open_experts(d, biased) if kind == "ds" else range(len(row))
            chosen = sorted(allowed, key=lambda e: (-biased[e], e))[:top_k]
            powers = [math.exp(row[e] - max(row)) for e in range(len(row))]
            weights = {
                "ds": [sigmoid[e] / (sum(sigmoid[c] for c in chosen) + 1e-20) for e in chosen],
                "renorm": [powers[e] / sum(powers[c] for c in chosen) for e in chosen],
                "default": [powers[e] / sum(powers) for e in chosen],
                "sigmoid_renorm": [sigmoid[e] / sum(sigmoid[c] for c in chosen) for e in chosen],
                "sigmoid": [sigmoid[e] for e in chosen],
                "llama4": [sigmoid[e] for e in chosen],
            }.get(kind)
            if weights is None:
                pytest.skip(f"no formula of the routing '{kind}'")
            out.append(
                [(e, w * x.get("routed_scaling_factor", 1.0)) for e, w in zip(chosen, weights)]
            )
        return out

    @staticmethod
    def open_experts(d, biased):
        """Experts of the groups whose two best add up to most."""
        groups, kept = d.constant("N_GROUP", 1), d.constant("TOPK_GROUP", 1)
        size = len(biased) // groups
        if groups == 1:
            return range(len(biased))
        best = [sum(sorted(biased[g * size : (g + 1) * size])[-2:]) for g in range(groups)]
        rank = sorted(range(groups), key=lambda g: (-best[g], g))[:kept]
        return [e for e in range(len(biased)) if e // size in rank]

    @staticmethod
    def weight(x, name, row):
        """One expert's weight with its scales."""
        w = f64(x[name][row])
        scales = x.get(f"{name}_scale")
        if scales is None:
            return w
        s = f64(scales[row]).repeat_interleave(128, dim=0)[: w.shape[0]]
        return w * s.repeat_interleave(128, dim=1)[:, : w.shape[1]]

    @staticmethod
    def formula(d, x):
        tokens = f64(x["hidden_states"])
        if "hidden_states_scale" in x:
            tokens = (
                tokens
                * f64(x["hidden_states_scale"]).T.repeat_interleave(128, dim=1)[
                    :, : tokens.shape[1]
                ]
            )
        rows, inter = x["gemm1_weights"].shape[0], d.sizes["intermediate_size"]
        shared = d.constant("SHARED", 0)
        early = d.constant("WEIGHT_ON_INPUT", "False") == "True"
        kind = d.constant("ACTIVATION", "silu")
        of_gate, of_up, of_out = (
            x.get(n)
            for n in (
                "output1_scales_gate_scalar",
                "output1_scales_scalar",
                "output2_scales_scalar",
            )
        )
        y = torch.zeros(
            (tokens.shape[0], d.sizes["hidden_size"]), dtype=torch.float64, device=tokens.device
        )
        for t, chosen in enumerate(Experts.route(d, x)):
            work = [(e - x.get("local_expert_offset", 0), w, early) for e, w in chosen]
            work = [item for item in work if 0 <= item[0] < rows - shared]
            work += [(rows - 1 - i, 1.0, False) for i in range(shared)]
            for row, w, on_input in work:
                both = Experts.weight(x, "gemm1_weights", row) @ (
                    tokens[t] * (w if on_input else 1.0)
                )
                up, gate = both[:inter], both[inter:]
                up = up * (1.0 if of_up is None else float(of_up[row]))
                gate = gate * (1.0 if of_gate is None else float(of_gate[row]))
                out = Experts.weight(x, "gemm2_weights", row) @ (activated(gate, kind) * up)
                out = out * (1.0 if of_out is None else float(of_out[row]))
                y[t] += out * (1.0 if on_input else w)
        return {next(iter(d.outputs)): y}


OPERATIONS = {
    "gemm": Product, "bmm": Product, "rmsnorm": Norm, "activation": Activation, "rope": Rotary,
    "quantization": Quantization, "gqa_": Attention, "mla_": Attention, "moe": Experts,
}  # fmt: skip


def operation(name):
    d = Definition(name)
    for begin, found in OPERATIONS.items():
        if d.op_type.startswith(begin):
            return d, found
    raise KeyError(f"no formula of the op type {d.op_type}")


def cases(name):
    return list(operation(name)[1].cases)


def compare(d, got, want, tolerances):
    """Each output's relative error, and infinities where they must be."""
    for name, expected in want.items():
        columns = None
        if isinstance(expected, tuple):
            expected, columns = expected
        value = f64(got[name])
        value = value if columns is None else value[..., columns]
        assert value.shape == expected.shape, (
            f"{name}: shape {tuple(value.shape)}, not {tuple(expected.shape)}"
        )
        finite = expected.isfinite()
        assert torch.equal(value.isfinite(), finite), f"{name}: infinities or NaN differ"
        assert torch.equal(value[~finite], expected[~finite]), f"{name}: infinities differ"
        size = expected[finite].norm()
        error = (value[finite] - expected[finite]).norm() / (size if size > 0 else 1.0)
        tolerance = tolerances.get(name) or TOLERANCE[d.outputs[name]["dtype"]]
        assert error <= tolerance, f"{name}: relative error {error:.2e} over {tolerance:.0e}"


def check_formula(name, case):
    """The reference against the formula in float64."""
    torch.manual_seed(0)
    d, op = operation(name)
    inputs = op.inputs(d, case)
    got = d.run(inputs)
    for output, spec in d.outputs.items():
        assert got[output].dtype == getattr(torch, spec["dtype"]), f"{output}: {got[output].dtype}"
    compare(d, got, op.formula(d, inputs), getattr(op, "tolerance", {}))


def check_flashinfer(name, case):
    """The reference against FlashInfer's kernel."""
    d, op = operation(name)
    if not hasattr(op, "flashinfer"):
        pytest.skip("no call of FlashInfer is written for this op type")
    if DEVICE == "cpu":
        pytest.skip("needs a GPU")
    flashinfer = pytest.importorskip("flashinfer")
    inputs = op.inputs(d, case)
    want = {k: f64(v) for k, v in op.flashinfer(d, inputs, flashinfer).items()}
    compare(d, d.run(inputs), want, {})
