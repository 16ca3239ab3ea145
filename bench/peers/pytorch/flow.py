"""The RealNVP of bench/workloads/flow.ts in PyTorch eager."""

import math

import torch
from torch import nn


class Coupling(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        widths = [features // 2, *hidden]
        layers = [layer for a, b in zip(widths, widths[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
        last = nn.Linear(widths[-1], features)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.conditioner = nn.Sequential(*layers, last)

    def forward(self, x):
        kept, moved = x.chunk(2, dim=1)
        shift, raw = self.conditioner(kept).chunk(2, dim=1)
        log_scale = raw.tanh()
        return torch.cat([moved * log_scale.exp() + shift, kept], 1), log_scale.sum(1)


def build(sizes):
    batch, features = sizes["batch"], sizes["features"]

    def correlated():
        noise = torch.randn(batch, features)
        return noise + 0.5 * torch.cat([torch.zeros(batch, 1), noise[:, :-1]], 1)

    batches = [correlated() for _ in range(sizes["batches"])]
    couplings = nn.ModuleList(Coupling(features, sizes["hidden"]) for _ in range(sizes["layers"]))
    optimizer = torch.optim.Adam(couplings.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        z = batches[index % len(batches)]
        log_determinant = 0
        for coupling in couplings:
            z, contribution = coupling(z)
            log_determinant = log_determinant + contribution
        log_prob = -0.5 * (z.square() + math.log(2 * math.pi)).sum(1) + log_determinant
        loss = -log_prob.mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return [couplings], step
