def activate(gate):
    if ACTIVATION == "gelu":
        return 0.5 * gate * (1.0 + torch.erf(gate / math.sqrt(2.0)))
    if ACTIVATION == "gelu_tanh":
        inner = math.sqrt(2.0 / math.pi) * (gate + 0.044715 * gate * gate * gate)
        return 0.5 * gate * (1.0 + torch.tanh(inner))
    assert ACTIVATION == "silu"
    return gate / (1.0 + torch.exp(-gate))
