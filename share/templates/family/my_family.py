# The gated activation of an MLP: SiLU of the first half times the second half.
import torch


@torch.no_grad()
def run(gate_up):
    width = gate_up.shape[-1] // 2
    gate = gate_up[..., :width].to(torch.float32)
    up = gate_up[..., width:].to(torch.float32)
    return (gate / (1.0 + torch.exp(-gate)) * up).to(gate_up.dtype)
