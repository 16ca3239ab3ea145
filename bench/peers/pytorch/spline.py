"""The spline flow of bench/workloads/spline.ts in PyTorch eager."""

from flows import Coupling, InvertibleLinear, Spline, perceptron
from points import build_flow


def build(sizes):
    features, network = sizes["features"], perceptron(sizes["hidden"])
    layers = []
    for i in range(sizes["depth"]):
        coupling = Coupling(features, Spline(sizes["bins"]), network, reverse=i % 2 == 1)
        layers += [InvertibleLinear(features), coupling]
    return build_flow(sizes, layers)
