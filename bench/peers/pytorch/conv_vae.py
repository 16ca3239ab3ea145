"""The convolutional VAE of bench/workloads/conv-vae.ts in PyTorch eager."""

import torch
from torch import nn

from initial import glorot_uniform_, he_uniform_
from vae import negative_elbo


def build(sizes):
    image, channels, hidden, latent = (sizes[key] for key in ("image", "channels", "hidden", "latent"))
    batches = [(torch.rand(sizes["batch"], *image) < sizes["white"]).float() for _ in range(sizes["batches"])]
    widths = [image[0], *channels]
    inner = [widths[-1], *(size >> len(channels) for size in image[1:])]
    flat = inner[0] * inner[1] * inner[2]

    def initialized(layer, last=False):
        (glorot_uniform_ if last else he_uniform_)(layer)
        return layer

    down = [(nn.Conv2d(a, b, 4, stride=2, padding=1), nn.ReLU()) for a, b in zip(widths, widths[1:])]
    up = [nn.ConvTranspose2d(b, a, 4, stride=2, padding=1) for a, b in zip(widths, widths[1:])][::-1]
    encoder = nn.Sequential(
        *(initialized(layer) if isinstance(layer, nn.Conv2d) else layer for pair in down for layer in pair),
        nn.Flatten(),
        initialized(nn.Linear(flat, hidden)),
        nn.ReLU(),
        initialized(nn.Linear(hidden, 2 * latent), last=True),
    )
    decoder = nn.Sequential(
        initialized(nn.Linear(latent, hidden)),
        nn.ReLU(),
        initialized(nn.Linear(hidden, flat)),
        nn.ReLU(),
        nn.Unflatten(1, inner),
        *(layer for conv in up[:-1] for layer in (initialized(conv), nn.ReLU())),
        initialized(up[-1], last=True),
    )
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        loss = negative_elbo(encoder, decoder, batches[index % len(batches)])
        loss.backward()
        optimizer.step()
        return loss.item()

    return [encoder, decoder], step
