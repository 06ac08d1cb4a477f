def dequantize(packed, scale):
    """NVFP4: two 4-bit floats in a byte, the earlier one in the low half; an FP8 scale for every 16."""
    code = packed.view(torch.uint8).to(torch.long)
    code = torch.stack((code & 15, code >> 4), dim=-1).reshape(packed.shape[0], -1)
    magnitude = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0], device=packed.device)[code & 7]
    value = torch.where(code >= 8, -magnitude, magnitude)
    block = torch.arange(value.shape[1], device=packed.device) // 16
    return value * scale.to(torch.float32)[:, block]
