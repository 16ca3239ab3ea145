"""The gated PixelCNN of src/learn/models/autoregressive in PyTorch eager: kernels have only the part that a mask
would leave, as ours have, so that the convolutions do no work for nothing."""

import torch
import torch.nn.functional as F
from torch import nn

from initial import glorot_uniform_, he_uniform_


def gate(x):
    a, b = x.chunk(2, dim=1)
    return a.tanh() * b.sigmoid()


class GatedLayer(nn.Module):
    """Of the cells above (vertical) and to the left (horizontal); in the first layer without the cell's own place."""

    def __init__(self, inputs, channels, kernel, first):
        super().__init__()
        self.first = first
        self.reach = (kernel - 1) // 2
        self.taps = self.reach if first else self.reach + 1
        wide = 2 * channels
        self.vertical = glorot_uniform_(nn.Conv2d(inputs, wide, (self.taps, kernel)))
        self.horizontal = glorot_uniform_(nn.Conv2d(inputs, wide, (1, self.taps)))
        self.across = glorot_uniform_(nn.Conv2d(channels, wide, 1, bias=False))
        self.output = glorot_uniform_(nn.Conv2d(channels, channels, 1))

    def forward(self, v, h, vertical_bias, horizontal_bias):
        """What is added to both stacks."""
        if self.first:
            v, h = v[:, :, :-1], h[:, :, :, :-1]
        r = self.reach
        down = gate(self.vertical(F.pad(v, (r, r, r, 0))) + vertical_bias)
        new_v = down if self.first else v + down
        c = self.horizontal(F.pad(h, (r, 0, 0, 0))) + horizontal_bias + self.across(new_v)
        update = self.output(gate(c))
        return new_v, update if self.first else h + update


class PixelCnn(nn.Module):
    """Over grids [B, H, W] of whole numbers, `embed` of which gives features [..., F]."""

    def __init__(self, height, width, levels, features, embed, sizes, classes):
        super().__init__()
        channels, layers = sizes["channels"], sizes["layers"]
        self.grid = (height, width)
        self.levels, self.classes, self.embed = levels, classes, embed
        self.position = nn.Parameter(torch.zeros(4 * channels, height, width))
        self.label = nn.Linear(classes, layers * 4 * channels, bias=False)
        kernels = [sizes["firstKernel"]] + [sizes["kernel"]] * (layers - 1)
        inputs = [features + 1] + [channels] * (layers - 1)
        self.layers = nn.ModuleList(
            GatedLayer(size, channels, kernel, i == 0) for i, (size, kernel) in enumerate(zip(inputs, kernels))
        )
        self.head = he_uniform_(nn.Conv2d(channels, sizes["head"], 1))
        self.logits = glorot_uniform_(nn.Conv2d(sizes["head"], levels, 1))

    def forward(self, grid, label):
        """Logits of all cells, [B, levels, H, W]."""
        features = self.embed(grid)
        # Zeros around the image are told from cells by a constant input.
        x = torch.cat([features, torch.ones(*grid.shape, 1)], -1).permute(0, 3, 1, 2)
        # [layers, 2, B, 2 channels, 1, 1]
        told = self.label.weight.t()[label].view(len(label), len(self.layers), 2, -1, 1, 1).permute(1, 2, 0, 3, 4, 5)
        places = self.position.chunk(2)
        v = h = x
        for i, layer in enumerate(self.layers):
            vertical, horizontal = told[i]
            if i == 0:
                vertical, horizontal = vertical + places[0], horizontal + places[1]
            v, h = layer(v, h, vertical, horizontal)
        return self.logits(self.head(h.relu()).relu())

    def nats(self, grid, label):
        """-log p of each grid, averaged over the batch."""
        return F.cross_entropy(self(grid, label), grid, reduction="sum") / len(grid)

    @torch.no_grad()
    def sample(self, label):
        """Grids, cell by cell: the whole network at each, of which one cell's logits are used."""
        grid = torch.zeros(len(label), *self.grid, dtype=torch.long)
        for row in range(self.grid[0]):
            for column in range(self.grid[1]):
                logits = self(grid, label)[:, :, row, column]
                grid[:, row, column] = logits.softmax(1).multinomial(1).squeeze(1)
        return grid
