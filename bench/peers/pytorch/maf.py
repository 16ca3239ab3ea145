"""The masked autoregressive flow of bench/workloads/maf.ts in PyTorch eager."""

from flows import ActNorm, Affine, Autoregressive
from points import build_flow


def layers_of(sizes):
    features = sizes["features"]
    ascending = list(range(features))
    layers = []
    for i in range(sizes["depth"]):
        order = ascending[::-1] if i % 2 == 1 else ascending
        layers += [Autoregressive(order, sizes["hidden"], Affine()), ActNorm(features)]
    return layers


def build(sizes):
    return build_flow(sizes, layers_of(sizes))
