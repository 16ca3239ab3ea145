"""The PixelCNN of bench/workloads/pixelcnn.ts in PyTorch eager: squares of binary pixels are the cells of its grid."""

import torch
from torch import nn

from digits import ink_batches, label_batches
from gated_pixelcnn import PixelCnn


class Bits(nn.Module):
    """The bits of a level, -1 or 1 each."""

    def __init__(self, count):
        super().__init__()
        self.table = ((torch.arange(2**count)[:, None] >> torch.arange(count)) & 1).float()

    def forward(self, grid):
        return self.table[grid] * 2 - 1


def model_of(sizes):
    _, height, width = sizes["image"]
    patch = sizes["patch"]
    bits = patch * patch
    return PixelCnn(height // patch, width // patch, 2**bits, bits, Bits(bits), sizes, sizes["classes"])


def cells(images, patch):
    """[B, 1, H, W] of 0 and 1 -> numbers of the squares' patterns, [B, H / patch, W / patch]."""
    count, _, height, width = images.shape
    squares = images.view(count, height // patch, patch, width // patch, patch).transpose(2, 3).flatten(3)
    return (squares.long() << torch.arange(patch * patch)).sum(3)


def pixels(grid, patch):
    """The images of cells."""
    count, rows, columns = grid.shape
    bits = (grid[..., None] >> torch.arange(patch * patch)) & 1
    squares = bits.view(count, rows, columns, patch, patch).transpose(2, 3)
    return squares.reshape(count, 1, rows * patch, columns * patch).float()


def build(sizes):
    images, labels = ink_batches(sizes), label_batches(sizes)
    model = model_of(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        which = index % len(images)
        grid = cells(torch.bernoulli(images[which]), sizes["patch"])
        loss = model.nats(grid, labels[which])
        loss.backward()
        optimizer.step()
        return loss.item()

    return [model], step
