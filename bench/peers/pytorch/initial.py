"""Initial values of layers, as src/learn/nn/initializers.ts gives them; biases begin at 0. Layers are given back."""

from torch import nn


def zero_bias_(layer):
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def he_uniform_(layer):
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    return zero_bias_(layer)


def glorot_uniform_(layer):
    nn.init.xavier_uniform_(layer.weight)
    return zero_bias_(layer)


def he_normal_(layer):
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return zero_bias_(layer)


def normal_(layer, deviation):
    nn.init.normal_(layer.weight, 0, deviation)
    return zero_bias_(layer)


def zeros_(layer):
    nn.init.zeros_(layer.weight)
    return zero_bias_(layer)
