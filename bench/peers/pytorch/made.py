"""The masked autoencoder of bench/workloads/made.ts in PyTorch eager."""

import torch
import torch.nn.functional as F
from torch import nn

from digits import ink_batches
from initial import glorot_uniform_, he_uniform_


class Masked(nn.Linear):
    """Weights only where `mask`, [outputs, inputs], holds."""

    def __init__(self, mask, bias=True):
        super().__init__(mask.shape[1], mask.shape[0], bias=bias)
        self.register_buffer("mask", mask.float(), persistent=False)

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


class Made(nn.Module):
    def __init__(self, size, widths):
        super().__init__()
        order = torch.arange(size) + 1
        degrees = [order] + [1 + torch.randperm(width) * (size - 1) // width for width in widths]
        layers = [
            part
            for below, above in zip(degrees, degrees[1:])
            for part in (he_uniform_(Masked(below <= above[:, None])), nn.ReLU())
        ]
        self.layers = nn.Sequential(*layers, glorot_uniform_(Masked(degrees[-1] < order[:, None])))
        self.direct = Masked(order < order[:, None], bias=False)
        nn.init.zeros_(self.direct.weight)

    def forward(self, x):
        """Log-odds."""
        return self.layers(x) + self.direct(x)


def build(sizes):
    batches = ink_batches(sizes)
    _, height, width = sizes["image"]
    model = Made(height * width, sizes["hidden"])
    optimizer = torch.optim.Adam(model.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        x = torch.bernoulli(batches[index % len(batches)]).flatten(1)
        loss = F.binary_cross_entropy_with_logits(model(x), x, reduction="sum") / len(x)
        loss.backward()
        optimizer.step()
        return loss.item()

    return [model], step
