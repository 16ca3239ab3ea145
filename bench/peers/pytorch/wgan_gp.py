"""The Wasserstein GAN with gradient penalty of bench/workloads/wgan-gp.ts in PyTorch eager."""

import torch
from torch import nn

from digits import label_batches
from images import disc_batches
from initial import he_normal_, normal_

SMALLEST = 7


class LabelledNorm(nn.Module):
    """Batch norm whose scale and shift belong to the label."""

    def __init__(self, channels, classes):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.weight = nn.Parameter(torch.ones(classes, channels))
        self.bias = nn.Parameter(torch.zeros(classes, channels))

    def forward(self, x, labels):
        return self.norm(x) * self.weight[labels][:, :, None, None] + self.bias[labels][:, :, None, None]


class Generator(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        low, classes = sizes["width"], sizes["classes"]
        self.first = 2 * low
        self.input = normal_(nn.Linear(sizes["latent"], self.first * SMALLEST**2, bias=False), 0.02)
        self.maps = nn.Embedding(classes, self.first * SMALLEST**2)
        nn.init.normal_(self.maps.weight, 0, 0.02)
        self.norms = nn.ModuleList([LabelledNorm(self.first, classes), LabelledNorm(low, classes)])
        self.ups = nn.ModuleList(
            [
                normal_(nn.ConvTranspose2d(self.first, low, 4, 2, 1, bias=False), 0.02),
                normal_(nn.ConvTranspose2d(low, sizes["image"][0], 4, 2, 1), 0.02),
            ]
        )

    def forward(self, latents, labels):
        x = (self.input(latents) + self.maps(labels)).view(-1, self.first, SMALLEST, SMALLEST)
        for norm, up in zip(self.norms, self.ups):
            x = up(norm(x, labels).relu_())
        return x.tanh()


class Critic(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        low = sizes["width"]
        self.features = nn.Sequential(
            he_normal_(nn.Conv2d(sizes["image"][0], low, 4, 2, 1)),
            nn.LeakyReLU(0.2),
            he_normal_(nn.Conv2d(low, 2 * low, 4, 2, 1)),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        size = 2 * low * SMALLEST**2
        self.output = nn.Linear(size, 1, bias=False)
        nn.init.xavier_normal_(self.output.weight)
        self.embedding = nn.Embedding(sizes["classes"], size)
        nn.init.normal_(self.embedding.weight, 0, size**-0.5)

    def forward(self, x, labels):
        seen = self.features(x)
        return self.output(seen).squeeze(1) + (self.embedding(labels) * seen).sum(1)


def build(sizes):
    batch, latent, repeats = sizes["batch"], sizes["latent"], sizes["discriminatorSteps"]
    # Each update of the critic has examples of its own.
    several = {**sizes, "batch": batch * repeats}
    images, labels = disc_batches(several), label_batches(several)
    generator, critic = Generator(sizes), Critic(sizes)
    adam = {"lr": sizes["learningRate"], "betas": (sizes["beta1"], sizes["beta2"])}
    generator_optimizer = torch.optim.Adam(generator.parameters(), **adam)
    critic_optimizer = torch.optim.Adam(critic.parameters(), **adam)

    def gradient_penalty(real, fake, label):
        between = fake + (real - fake) * torch.rand(batch, 1, 1, 1)
        between.requires_grad_(True)
        (slopes,) = torch.autograd.grad(critic(between, label).sum(), between, create_graph=True)
        return ((slopes.flatten(1).square().sum(1) + 1e-12).sqrt() - 1).square().mean()

    def step(index):
        which = index % len(images)
        critic.requires_grad_(True)
        for real, label in zip(images[which].split(batch), labels[which].split(batch)):
            critic_optimizer.zero_grad(set_to_none=True)
            with torch.no_grad():
                fake = generator(torch.randn(batch, latent), label)
            of_real, of_fake = critic(torch.cat([real, fake]), torch.cat([label, label])).chunk(2)
            loss = of_fake.mean() - of_real.mean() + sizes["gradientPenalty"] * gradient_penalty(real, fake, label)
            loss.backward()
            critic_optimizer.step()

        # The generator's gradient passes through the critic, whose own is not needed.
        critic.requires_grad_(False)
        generator_optimizer.zero_grad(set_to_none=True)
        label = labels[which][:batch]
        generator_loss = -critic(generator(torch.randn(batch, latent), label), label).mean()
        generator_loss.backward()
        generator_optimizer.step()
        return loss.item() + generator_loss.item()

    return [generator, critic], step
