"""The same samples as pixelcnn_sampling.py, drawn as ours are: what was computed for earlier rows and columns is kept.

For each row the vertical stack runs once, over the rows that its kernels reach; for each cell the horizontal stack
runs over one column."""

import torch
import torch.nn.functional as F

from digits import label_batches
from gated_pixelcnn import gate
from pixelcnn import model_of, pixels


@torch.no_grad()
def sample(model, label):
    count, layers = len(label), model.layers
    rows, columns = model.grid
    widths = [layer.vertical.in_channels for layer in layers]
    kept = [layer.taps if layer.first else layer.taps - 1 for layer in layers]
    told = model.label.weight.t()[label].view(count, len(layers), 2, -1).permute(1, 2, 0, 3)  # [L, 2, B, 2 channels]
    places = model.position.chunk(2)
    # [2 channels, inputs, 1, taps] -> [taps * inputs, 2 channels], the oldest column first
    horizontal = [layer.horizontal.weight.squeeze(2).permute(2, 1, 0).flatten(0, 1) for layer in layers]
    output = [(layer.output.weight.flatten(1).t(), layer.output.bias) for layer in layers]
    head = (model.head.weight.flatten(1).t(), model.head.bias)
    logits = (model.logits.weight.flatten(1).t(), model.logits.bias)
    ones = torch.ones(count, columns, 1)

    grid = torch.zeros(count, rows, columns, dtype=torch.long)
    above = [torch.zeros(count, width, size, columns) for width, size in zip(widths, kept)]
    for row in range(rows):
        contributions = []
        v = above[0]
        for i, layer in enumerate(layers):
            seen = v if layer.first else torch.cat([above[i], v], 2)
            if not layer.first:
                above[i] = seen[:, :, 1:]
            a = layer.vertical(F.pad(seen, (layer.reach, layer.reach))) + told[i, 0][:, :, None, None]
            if layer.first:
                a = a + places[0][:, row : row + 1]
            v = gate(a) if layer.first else v + gate(a)
            c = layer.across(v) + (told[i, 1] + layer.horizontal.bias)[:, :, None, None]
            if layer.first:
                c = c + places[1][:, row : row + 1]
            contributions.append(c.squeeze(2).permute(2, 0, 1).contiguous())  # [W, B, 2 channels]
        left = [torch.zeros(count, size * width) for width, size in zip(widths, kept)]
        for column in range(columns):
            h = left[0]
            for i, layer in enumerate(layers):
                seen = h if layer.first else torch.cat([left[i], h], 1)
                if not layer.first:
                    left[i] = seen[:, widths[i] :]
                update = torch.addmm(output[i][1], gate(torch.addmm(contributions[i][column], seen, horizontal[i])), output[i][0])
                h = update if layer.first else h + update
            hidden = torch.addmm(head[1], h.relu(), head[0]).relu()
            level = torch.addmm(logits[1], hidden, logits[0]).softmax(1).multinomial(1).squeeze(1)
            grid[:, row, column] = level
            told_next = torch.cat([model.embed(level), ones[:, 0]], 1)
            left[0] = torch.cat([left[0], told_next], 1)[:, widths[0] :]
        features = torch.cat([model.embed(grid[:, row]), ones], 2).permute(0, 2, 1).unsqueeze(2)
        above[0] = torch.cat([above[0], features], 2)[:, :, 1:]
    return grid


def build(sizes):
    model = model_of(sizes).eval()
    (label,) = label_batches({**sizes, "batches": 1}, sizes["count"])

    def step(_):
        return pixels(sample(model, label), sizes["patch"]).square().mean().item()

    return [model], step
