# FP8 (e4m3) values of each token in groups, with a float32 scale a group: its greatest magnitude, at
# least 1e-10, over 448. A value is multiplied by 448 over that magnitude, then rounded to nearest.
import torch

GROUP_SIZE = 128  # kdex:constant


@torch.no_grad()
def run(input):
    rows, width = input.shape
    x = input.to(torch.float32).reshape(rows, width // GROUP_SIZE, GROUP_SIZE)
    largest = x.abs().amax(dim=2, keepdim=True).clamp(min=1e-10)
    scaled = (x * (448.0 / largest)).clamp(-448.0, 448.0)
    quantized = scaled.to(torch.float8_e4m3fn).reshape(rows, width)
    return quantized, (largest * (1.0 / 448.0)).squeeze(2)
