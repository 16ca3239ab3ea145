"""The VAE of bench/workloads/vae.ts in PyTorch eager."""

import torch
import torch.nn.functional as F
from torch import nn

from initial import glorot_uniform_, he_uniform_


def perceptron(widths):
    """Fully connected layers with ReLU between, initialized as in src/learn/models/vae/networks.ts."""
    layers = []
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        last = i == len(widths) - 2
        layer = nn.Linear(inputs, outputs)
        (glorot_uniform_ if last else he_uniform_)(layer)
        layers += [layer] if last else [layer, nn.ReLU()]
    return nn.Sequential(*layers)


def negative_elbo(encoder, decoder, x):
    """In nats, summed over pixels and averaged over the batch."""
    mean, log_variance = encoder(x).chunk(2, dim=-1)
    z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    reconstruction = F.binary_cross_entropy_with_logits(decoder(z), x, reduction="sum")
    kl = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())
    return (reconstruction + kl) / x.shape[0]


def build(sizes):
    batch, pixels, hidden, latent = (sizes[key] for key in ("batch", "pixels", "hidden", "latent"))
    batches = [(torch.rand(batch, pixels) < sizes["white"]).float() for _ in range(sizes["batches"])]
    encoder = perceptron([pixels, *hidden, 2 * latent])
    decoder = perceptron([latent, *reversed(hidden), pixels])
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        loss = negative_elbo(encoder, decoder, batches[index % len(batches)])
        loss.backward()
        optimizer.step()
        return loss.item()

    return [encoder, decoder], step
