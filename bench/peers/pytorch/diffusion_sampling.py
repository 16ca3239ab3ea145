"""Samples of the diffusion of bench/workloads/diffusion.ts in PyTorch eager: DDIM with guidance."""

import torch

from diffusion import Denoiser, signal_shares
from digits import label_batches


def build(sizes):
    count, steps, total = sizes["count"], sizes["samplingSteps"], sizes["timeSteps"]
    model = Denoiser(sizes).eval()
    (label,) = label_batches({**sizes, "batches": 1}, count)
    both = torch.cat([label, torch.full_like(label, sizes["classes"])])
    shares = signal_shares(total)
    times = [round(total - 1 - k * total / steps) for k in range(steps)]
    levels = [(shares[t].sqrt().item(), (1 - shares[t]).sqrt().item()) for t in times] + [(1.0, 0.0)]

    @torch.no_grad()
    def sample():
        x = torch.randn(count, *sizes["image"])
        for time, (signal, noise), (next_signal, next_noise) in zip(times, levels, levels[1:]):
            told, untold = model(torch.cat([x, x]), torch.tensor([time * 1000 / total]), both).chunk(2)
            v = untold + (told - untold) * sizes["guidance"]
            clean = (x * signal - v * noise).clamp(-1, 1)
            x = clean * next_signal + (x - clean * signal) * (next_noise / noise)
        return ((x + 1) / 2).clamp(0, 1)

    def step(_):
        return sample().square().mean().item()

    return [model], step
