"""The DCGAN of bench/workloads/dcgan.ts in PyTorch eager."""

import torch
import torch.nn.functional as F
from torch import nn

from images import disc_batches


def build(sizes):
    batch, latent, colours = sizes["batch"], sizes["latent"], sizes["image"][0]
    low, middle, high = sizes["channels"]
    batches = disc_batches(sizes)

    def conv(inputs, outputs, stride, padding):
        return nn.Conv2d(inputs, outputs, 4, stride, padding, bias=False)

    def transposed(inputs, outputs, stride, padding):
        return nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False)

    discriminator = nn.Sequential(
        conv(colours, low, 2, 1),
        nn.LeakyReLU(0.2, inplace=True),
        conv(low, middle, 2, 1),
        nn.BatchNorm2d(middle),
        nn.LeakyReLU(0.2, inplace=True),
        conv(middle, high, 2, 1),
        nn.BatchNorm2d(high),
        nn.LeakyReLU(0.2, inplace=True),
        conv(high, 1, 1, 0),
        nn.Flatten(0),
    )
    generator = nn.Sequential(
        nn.Unflatten(1, (latent, 1, 1)),
        transposed(latent, high, 1, 0),
        nn.BatchNorm2d(high),
        nn.ReLU(inplace=True),
        transposed(high, middle, 2, 1),
        nn.BatchNorm2d(middle),
        nn.ReLU(inplace=True),
        transposed(middle, low, 2, 1),
        nn.BatchNorm2d(low),
        nn.ReLU(inplace=True),
        transposed(low, colours, 2, 1),
        nn.Tanh(),
    )
    for module in [*discriminator, *generator]:
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0, 0.02)
    adam = {"lr": sizes["learningRate"], "betas": (sizes["beta1"], 0.999)}
    discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), **adam)
    generator_optimizer = torch.optim.Adam(generator.parameters(), **adam)

    def step(index):
        discriminator.requires_grad_(True)
        discriminator_optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            fake = generator(torch.randn(batch, latent))
        real = discriminator(batches[index % len(batches)])
        discriminator_loss = F.softplus(-real).mean() + F.softplus(discriminator(fake)).mean()
        discriminator_loss.backward()
        discriminator_optimizer.step()

        # The generator's gradient passes through the discriminator, whose own is not needed.
        discriminator.requires_grad_(False)
        generator_optimizer.zero_grad(set_to_none=True)
        generator_loss = F.softplus(-discriminator(generator(torch.randn(batch, latent)))).mean()
        generator_loss.backward()
        generator_optimizer.step()
        return discriminator_loss.item() + generator_loss.item()

    return [discriminator, generator], step
