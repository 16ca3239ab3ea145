"""The Glow of bench/workloads/glow.ts in PyTorch eager."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from flows import ActNorm, Affine, Chain, Coupling, InvertibleLinear, negative_log_prob, over_event
from images import disc_batches
from initial import he_normal_, zeros_

LEVELS = 256


def convolutions(hidden):
    def network(inputs, outputs):
        return nn.Sequential(
            he_normal_(nn.Conv2d(inputs, hidden, 3, padding=1)),
            nn.ReLU(inplace=True),
            he_normal_(nn.Conv2d(hidden, hidden, 1)),
            nn.ReLU(inplace=True),
            zeros_(nn.Conv2d(hidden, outputs, 3, padding=1)),
        )

    return network


class Glow(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        channels = sizes["image"][0]
        self.levels, self.priors = nn.ModuleList(), nn.ModuleList()
        self.split = Affine(bound=3)
        for level, hidden in enumerate(sizes["hidden"]):
            channels *= 4 if level == 0 else 2
            network = convolutions(hidden)
            steps = [
                layer
                for _ in range(sizes["depth"])
                for layer in (ActNorm(channels), InvertibleLinear(channels), Coupling(channels, Affine(), network))
            ]
            self.levels.append(Chain(*steps))
            if level < len(sizes["hidden"]) - 1:
                self.priors.append(zeros_(nn.Conv2d(channels // 2, channels, 3, padding=1)))

    @torch.no_grad()
    def prepare(self, x):
        for level in self.levels:
            x = F.pixel_unshuffle(x, 2)
            level.prepare(x)
            x = level(x)[0].chunk(2, 1)[0]

    def forward(self, x):
        done, log_det = [], 0
        for i, level in enumerate(self.levels):
            x, own = level(F.pixel_unshuffle(x, 2))
            log_det = log_det + own
            if i < len(self.priors):
                x, ready = x.chunk(2, 1)
                ready, log_derivative = self.split.forward(ready, self.priors[i](x))
                log_det = log_det + over_event(log_derivative)
                done.append(ready.flatten(1))
        return torch.cat([*done, x.flatten(1)], 1), log_det


def build(sizes):
    alpha = sizes["alpha"]
    batches = [((batch + 1) * 127.5).floor() for batch in disc_batches(sizes)]

    def dequantized(levels):
        """Logits of pixels, and log |det| of what led to them from levels."""
        unit = (levels + torch.rand_like(levels)) / LEVELS
        log_p = (unit * (1 - 2 * alpha) + alpha).log()
        log_rest = (unit * (2 * alpha - 1) + (1 - alpha)).log()
        log_derivative = math.log(1 - 2 * alpha) - log_p - log_rest
        return log_p - log_rest, over_event(log_derivative) - levels[0].numel() * math.log(LEVELS)

    flow = Glow(sizes)
    flow.prepare(dequantized(batches[0])[0])
    optimizer = torch.optim.Adam(flow.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        x, log_det = dequantized(batches[index % len(batches)])
        z, through = flow(x)
        loss = negative_log_prob(z, log_det + through)
        loss.backward()
        optimizer.step()
        return loss.item()

    return [flow], step
