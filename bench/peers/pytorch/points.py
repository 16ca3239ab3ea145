"""Flows over points of two moons, as bench/workloads/points.ts has them, trained by likelihood in PyTorch eager."""

import math

import torch

from flows import Chain, Standardize, negative_log_prob


def moon_batches(sizes):
    def one():
        batch = sizes["batch"]
        upper, angle = torch.rand(batch) < 0.5, math.pi * torch.rand(batch)
        x = torch.where(upper, angle.cos(), 1 - angle.cos())
        y = torch.where(upper, angle.sin(), 0.5 - angle.sin())
        return torch.stack([2 * (x - 0.5), 2 * (y - 0.25)], 1) + 0.1 * torch.randn(batch, 2)

    return [one() for _ in range(sizes["batches"])]


def build_flow(sizes, layers):
    batches = moon_batches(sizes)
    flow = Chain(Standardize(sizes["features"]), *layers)
    flow.prepare(batches[0])
    optimizer = torch.optim.Adam(flow.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        loss = negative_log_prob(*flow(batches[index % len(batches)]))
        loss.backward()
        optimizer.step()
        return loss.item()

    return [flow], step
