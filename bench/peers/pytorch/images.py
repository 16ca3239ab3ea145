"""The pictures of bench/workloads/images.ts: discs of one colour on another, float in [-1, 1]."""

import torch


def disc_batches(sizes):
    channels, height, width = sizes["image"]

    def one():
        radius, row, column = 0.15 + 0.3 * torch.rand(1), torch.rand(1), torch.rand(1)
        y = (torch.arange(height) / height).view(-1, 1)
        x = (torch.arange(width) / width).view(1, -1)
        inside = ((y - row) ** 2 + (x - column) ** 2).sqrt() < radius
        colours = torch.rand(channels, 2, 1, 1)
        return torch.where(inside, colours[:, 1], colours[:, 0]) * 2 - 1

    return [torch.stack([one() for _ in range(sizes["batch"])]) for _ in range(sizes["batches"])]
