"""The VAE of bench/workloads/vae.ts in PyTorch eager."""

import torch
import torch.nn.functional as F
from torch import nn

BATCH, PIXELS, HIDDEN, LATENT = 128, 784, 512, 32
BATCHES, INK = 16, 0.13  # of an MNIST picture's pixels, about 13% are ink


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(PIXELS, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, 2 * LATENT),
        )
        self.decoder = nn.Sequential(
            nn.Linear(LATENT, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, PIXELS),
        )

    def forward(self, x):
        """The negative ELBO in nats, summed over pixels and averaged over the batch."""
        mean, log_variance = self.encoder(x).chunk(2, dim=-1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        reconstruction = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())
        return (reconstruction + kl) / x.shape[0]


def build():
    batches = [(torch.rand(BATCH, PIXELS) < INK).float() for _ in range(BATCHES)]
    model = Vae()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        loss = model(batches[index % BATCHES])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
