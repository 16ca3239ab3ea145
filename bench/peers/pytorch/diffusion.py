"""The diffusion of bench/workloads/diffusion.ts in PyTorch eager."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from digits import label_batches
from images import disc_batches
from initial import glorot_uniform_, he_uniform_, normal_, zeros_
from unet import Attention, Timeless, conv

FREQUENCIES, GROUPS = 64, 8


class Residual(nn.Module):
    def __init__(self, inputs, outputs, told):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, inputs)
        self.conv1 = he_uniform_(conv(inputs, outputs, 3))
        self.condition = glorot_uniform_(nn.Linear(told, outputs))
        self.norm2 = nn.GroupNorm(GROUPS, outputs)
        self.conv2 = zeros_(conv(outputs, outputs, 3))
        self.skip = glorot_uniform_(conv(inputs, outputs, 1)) if inputs != outputs else nn.Identity()

    def forward(self, x, condition):
        inner = self.conv1(F.silu(self.norm1(x))) + self.condition(condition)[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(inner)))


def attention(width):
    layer = Attention(width, GROUPS)
    glorot_uniform_(layer.qkv)
    zeros_(layer.out)
    return layer


class Denoiser(nn.Module):
    """A U-Net over squares of pixels, told time and class."""

    def __init__(self, sizes):
        super().__init__()
        channels, self.patch = sizes["channels"], sizes["patch"]
        colours, side, _ = sizes["image"]
        values, size = colours * self.patch**2, side // self.patch
        told = 4 * channels[0]
        self.time1 = he_uniform_(nn.Linear(FREQUENCIES, told))
        self.time2 = glorot_uniform_(nn.Linear(told, told))
        # The last row stands for no class.
        self.label = nn.Embedding(sizes["classes"] + 1, told)
        nn.init.normal_(self.label.weight, 0, 0.02)
        count = FREQUENCIES // 2
        self.register_buffer("frequencies", 10_000 ** (-torch.arange(count) / count), persistent=False)

        def level_parts(level, inputs):
            attends = size >> level <= sizes["attentionSize"]
            return [Residual(inputs, channels[level], told), *([attention(channels[level])] if attends else [])]

        stages = [([Timeless(glorot_uniform_(conv(values, channels[0], 3)))], True, False)]  # (parts, keeps, joins)
        kept, width, last = [channels[0]], channels[0], len(channels) - 1
        for level in range(last + 1):
            stages.append((level_parts(level, width), True, False))
            width = channels[level]
            kept.append(width)
            if level < last:
                stages.append(([Timeless(glorot_uniform_(conv(width, width, 3, 2)))], True, False))
                kept.append(width)
        stages.append(([Residual(width, width, told), attention(width), Residual(width, width, told)], False, False))
        for level in reversed(range(last + 1)):
            for _ in range(2):
                stages.append((level_parts(level, width + kept.pop()), False, True))
                width = channels[level]
            if level > 0:
                smooth = glorot_uniform_(conv(width, width, 3))
                stages.append(([Timeless(nn.Upsample(scale_factor=2), smooth)], False, False))
        self.stages = nn.ModuleList(nn.ModuleList(parts) for parts, _, _ in stages)
        self.routes = [(keeps, joins) for _, keeps, joins in stages]
        self.norm = nn.GroupNorm(GROUPS, channels[0])
        self.output = zeros_(conv(channels[0], values, 3))

    def forward(self, x, time, label):
        angles = time[:, None] * self.frequencies
        embedded = torch.cat([angles.sin(), angles.cos()], 1)
        condition = F.silu(self.time2(F.silu(self.time1(embedded))) + self.label(label))
        kept = []
        x = F.pixel_unshuffle(x, self.patch)
        for parts, (keeps, joins) in zip(self.stages, self.routes):
            if joins:
                x = torch.cat([x, kept.pop()], 1)
            for part in parts:
                x = part(x, condition)
            if keeps:
                kept.append(x)
        return F.pixel_shuffle(self.output(F.silu(self.norm(x))), self.patch)


def signal_shares(steps):
    """abar of the cosine schedule at each step."""
    place = torch.arange(steps + 1, dtype=torch.float64) / steps
    shares = torch.cos((place + 0.008) / 1.008 * math.pi / 2).square()
    return torch.cumprod(1 - (1 - shares[1:] / shares[:-1]).clamp(max=0.999), 0).float()


def build(sizes):
    batch, steps, classes = sizes["batch"], sizes["timeSteps"], sizes["classes"]
    images, labels = disc_batches(sizes), label_batches(sizes)
    model = Denoiser(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=sizes["learningRate"])
    shares = signal_shares(steps)
    signals, noises = shares.sqrt(), (1 - shares).sqrt()

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        which = index % len(images)
        clean = images[which]
        # Spread evenly over all times.
        times = ((torch.arange(batch) / batch + torch.rand(1)) % 1 * steps).long().clamp(max=steps - 1)
        hidden = torch.rand(batch) < sizes["labelDropout"]
        label = torch.where(hidden, classes, labels[which])
        signal, noise = signals[times].view(-1, 1, 1, 1), noises[times].view(-1, 1, 1, 1)
        e = torch.randn_like(clean)
        output = model(clean * signal + e * noise, times * (1000 / steps), label)
        loss = F.mse_loss(output, e * signal - clean * noise)
        loss.backward()
        optimizer.step()
        return loss.item()

    return [model], step
