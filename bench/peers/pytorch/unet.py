"""The U-Net of bench/workloads/unet.ts in PyTorch eager."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from images import disc_batches


def conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


class Residual(nn.Module):
    def __init__(self, inputs, outputs, groups, time_width):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = conv(inputs, outputs, 3)
        self.time = nn.Linear(time_width, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = conv(outputs, outputs, 3)
        self.skip = conv(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, time):
        inner = self.conv1(F.silu(self.norm1(x))) + self.time(F.silu(time))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(inner)))


class Attention(nn.Module):
    def __init__(self, width, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, width)
        self.qkv = conv(width, 3 * width, 1)
        self.out = conv(width, width, 1)

    def forward(self, x, _):
        q, k, v = self.qkv(self.norm(x)).flatten(2).chunk(3, dim=1)  # [B, C, N] each
        weights = (q.transpose(1, 2) @ k * q.shape[1] ** -0.5).softmax(-1)
        return self.out((v @ weights.transpose(1, 2)).view_as(x)) + x


class Timeless(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x, _):
        return self.layers(x)


class Unet(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        channels, groups = sizes["channels"], sizes["groups"]
        colours, size, _ = sizes["image"]
        base = channels[0]
        time_width = 4 * base
        self.base = base
        self.time = nn.Sequential(nn.Linear(base, time_width), nn.SiLU(), nn.Linear(time_width, time_width))
        stages = [([Timeless(conv(colours, base, 3))], True, False)]  # (parts, keeps, joins)
        kept = [base]
        width = base

        def level_parts(level, inputs):
            attends = size >> level == sizes["attentionSize"]
            block = Residual(inputs, channels[level], groups, time_width)
            return [block, *([Attention(channels[level], groups)] if attends else [])]

        for level in range(len(channels)):
            stages.append((level_parts(level, width), True, False))
            width = channels[level]
            kept.append(width)
            if level < len(channels) - 1:
                stages.append(([Timeless(conv(width, width, 3, 2))], True, False))
                kept.append(width)
        middle = [Residual(width, width, groups, time_width), Attention(width, groups)]
        stages.append(([*middle, Residual(width, width, groups, time_width)], False, False))
        for level in reversed(range(len(channels))):
            for _ in range(2):
                stages.append((level_parts(level, width + kept.pop()), False, True))
                width = channels[level]
            if level > 0:
                stages.append(([Timeless(nn.Upsample(scale_factor=2), conv(width, width, 3))], False, False))
        self.stages = nn.ModuleList(nn.ModuleList(parts) for parts, _, _ in stages)
        self.routes = [(keeps, joins) for _, keeps, joins in stages]
        self.out = nn.Sequential(nn.GroupNorm(groups, base), nn.SiLU(), conv(base, colours, 3))

    def forward(self, x, times):
        count = self.base // 2
        frequencies = torch.exp(-math.log(10_000) * torch.arange(count) / count)
        angles = times[:, None] * frequencies
        time = self.time(torch.cat([angles.sin(), angles.cos()], 1))
        kept = []
        for parts, (keeps, joins) in zip(self.stages, self.routes):
            if joins:
                x = torch.cat([x, kept.pop()], 1)
            for part in parts:
                x = part(x, time)
            if keeps:
                kept.append(x)
        return self.out(x)


def build(sizes):
    batches = disc_batches(sizes)
    model = Unet(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=sizes["learningRate"])
    shares = torch.cumprod(1 - torch.linspace(1e-4, 0.02, sizes["timeSteps"]), 0)

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        clean = batches[index % len(batches)]
        times = torch.randint(sizes["timeSteps"], (clean.shape[0],))
        noise = torch.randn_like(clean)
        share = shares[times].view(-1, 1, 1, 1)
        predicted = model(clean * share.sqrt() + noise * (1 - share).sqrt(), times.float())
        loss = (predicted - noise).square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return [model], step
