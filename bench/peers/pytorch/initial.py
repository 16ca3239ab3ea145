"""Initial values of layers, as src/learn/nn/initializers.ts gives them; biases begin at 0."""

from torch import nn


def he_uniform_(layer):
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)


def glorot_uniform_(layer):
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
