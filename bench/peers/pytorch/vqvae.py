"""The VQ-VAE of bench/workloads/vqvae.ts in PyTorch eager, with the prior over its codes."""

import torch
import torch.nn.functional as F
from torch import nn

from digits import label_batches
from gated_pixelcnn import PixelCnn
from images import disc_batches
from initial import glorot_uniform_, he_uniform_

ROUNDS = 8


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = he_uniform_(nn.Conv2d(channels, channels // 2, 3, padding=1))
        self.conv2 = glorot_uniform_(nn.Conv2d(channels // 2, channels, 1))

    def forward(self, x):
        return x + self.conv2(self.conv1(x.relu()).relu_())


def encoder_of(sizes):
    colours, (low, high), blocks = sizes["image"][0], sizes["channels"], sizes["residualBlocks"]
    return nn.Sequential(
        he_uniform_(nn.Conv2d(colours, low, 4, 2, 1)),
        nn.ReLU(),
        he_uniform_(nn.Conv2d(low, high, 4, 2, 1)),
        *[Block(high) for _ in range(blocks)],
        nn.ReLU(),
        glorot_uniform_(nn.Conv2d(high, sizes["codeSize"], 1)),
    )


def decoder_of(sizes):
    colours, (low, high), blocks = sizes["image"][0], sizes["channels"], sizes["residualBlocks"]
    return nn.Sequential(
        glorot_uniform_(nn.Conv2d(sizes["codeSize"], high, 3, padding=1)),
        *[Block(high) for _ in range(blocks)],
        nn.ReLU(),
        he_uniform_(nn.ConvTranspose2d(high, low, 4, 2, 1)),
        nn.ReLU(),
        glorot_uniform_(nn.ConvTranspose2d(low, colours, 4, 2, 1)),
    )


def squared_distances(a, b):
    return (a - b).square().sum(1)


def far_encodings(encodings, distances, count):
    """Some of them, drawn with chances by their distances, none twice."""
    scores = (distances + 1e-12).log() - torch.empty_like(distances).exponential_().log()
    return encodings[scores.topk(count).indices]


class Codebook(nn.Module):
    """Codes that follow the running averages of what is rounded to them; dead ones move elsewhere."""

    def __init__(self, sizes):
        super().__init__()
        count, size = sizes["codes"], sizes["codeSize"]
        self.count, self.decay, self.revive_below = count, sizes["decay"], sizes["reviveBelow"]
        self.register_buffer("weight", torch.zeros(count, size))
        self.register_buffer("cluster_size", torch.ones(count))
        self.register_buffer("cluster_sum", torch.zeros(count, size))

    @torch.no_grad()
    def nearest(self, encodings, weight=None):
        weight = self.weight if weight is None else weight
        return torch.addmm(weight.square().sum(1), encodings, weight.t(), alpha=-2).argmin(1)

    @torch.no_grad()
    def fit(self, encodings):
        part = -(-self.count // ROUNDS)
        weight = far_encodings(encodings, torch.ones(len(encodings)), part)
        while len(weight) < self.count:
            distances = squared_distances(encodings, weight[self.nearest(encodings, weight)])
            more = far_encodings(encodings, distances, min(part, self.count - len(weight)))
            weight = torch.cat([weight, more])
        self.weight.copy_(weight + 1e-3 * torch.randn_like(weight))
        self.cluster_sum.copy_(self.weight)

    @torch.no_grad()
    def follow(self, encodings, indices):
        rest = 1 - self.decay
        members = F.one_hot(indices, self.count).float()
        fresh = far_encodings(encodings, squared_distances(encodings, self.weight[indices]), self.count)
        self.cluster_size.mul_(self.decay).add_(members.sum(0), alpha=rest)
        self.cluster_sum.mul_(self.decay).add_(members.t() @ encodings, alpha=rest)
        total = self.cluster_size.sum()
        average = total / self.count
        dead = self.cluster_size < average * self.revive_below
        smoothed = (self.cluster_size + 1e-5) * (total / (total + self.count * 1e-5))
        self.weight.copy_(torch.where(dead[:, None], fresh, self.cluster_sum / smoothed[:, None]))
        self.cluster_size.copy_(torch.where(dead, average, self.cluster_size))
        self.cluster_sum.copy_(torch.where(dead[:, None], fresh * average, self.cluster_sum))


def prior_of(sizes):
    """A PixelCNN over grids of codes, for each of which it learns a vector."""
    _, height, width = sizes["image"]
    channels, halvings = sizes["priorChannels"], len(sizes["channels"])
    network = {"channels": channels, "layers": sizes["priorLayers"], "firstKernel": 5, "kernel": 3, "head": 64}
    embed = nn.Embedding(sizes["codes"], channels)
    grid = (height >> halvings, width >> halvings)
    return PixelCnn(*grid, sizes["codes"], channels, embed, network, sizes["classes"])


def build(sizes):
    images = [(batch + 1) / 2 for batch in disc_batches(sizes)]
    labels = label_batches(sizes)
    encoder, decoder, codebook, prior = encoder_of(sizes), decoder_of(sizes), Codebook(sizes), prior_of(sizes)
    modules = [encoder, decoder, prior]
    parameters = [parameter for module in modules for parameter in module.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=sizes["learningRate"])

    def encode(x):
        grid = encoder(x)
        return grid, grid.permute(0, 2, 3, 1).flatten(0, 2)

    with torch.no_grad():
        codebook.fit(encode(images[0])[1])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        which = index % len(images)
        x = images[which]
        grid, encodings = encode(x)
        count, size, height, width = grid.shape
        indices = codebook.nearest(encodings)
        codes = codebook.weight[indices]
        codebook.follow(encodings.detach(), indices)
        # The decoder's gradient passes to the encodings.
        rounded = (encodings + (codes - encodings).detach()).view(count, height, width, size).permute(0, 3, 1, 2)
        reconstruction = F.binary_cross_entropy_with_logits(decoder(rounded), x)
        commitment = F.mse_loss(encodings, codes)
        nats = prior.nats(indices.view(count, height, width), labels[which]) / (height * width)
        loss = reconstruction + sizes["commitment"] * commitment + nats
        loss.backward()
        optimizer.step()
        return loss.item()

    return [*modules, codebook], step
