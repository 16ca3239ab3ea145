"""Samples of the flow of bench/workloads/maf.ts in PyTorch eager, number by number."""

import torch

from flows import Chain, Standardize
from maf import layers_of


def build(sizes):
    flow = Chain(Standardize(sizes["features"]), *layers_of(sizes))

    @torch.no_grad()
    def step(_):
        return flow.inverse(torch.randn(sizes["count"], sizes["features"])).square().mean().item()

    return [flow], step
