"""The CycleGAN of bench/workloads/cyclegan.ts in PyTorch eager."""

import torch
import torch.nn.functional as F
from torch import nn

from images import disc_batches
from initial import normal_


def conv(*sizes, **options):
    return normal_(nn.Conv2d(*sizes, **options), 0.02)


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        same = {"padding": 1, "padding_mode": "reflect", "bias": False}
        self.body = nn.Sequential(
            conv(channels, channels, 3, **same),
            nn.InstanceNorm2d(channels),
            nn.ReLU(inplace=True),
            conv(channels, channels, 3, **same),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x):
        return x + self.body(x)


def translator(colours, width, blocks):
    def down(inputs):
        return [conv(inputs, 2 * inputs, 3, 2, 1, bias=False), nn.InstanceNorm2d(2 * inputs), nn.ReLU(inplace=True)]

    def up(outputs):
        layer = nn.ConvTranspose2d(2 * outputs, outputs, 3, 2, 1, output_padding=1, bias=False)
        return [normal_(layer, 0.02), nn.InstanceNorm2d(outputs), nn.ReLU(inplace=True)]

    return nn.Sequential(
        conv(colours, width, 7, padding=3, padding_mode="reflect", bias=False),
        nn.InstanceNorm2d(width),
        nn.ReLU(inplace=True),
        *down(width),
        *down(2 * width),
        *[Block(4 * width) for _ in range(blocks)],
        *up(2 * width),
        *up(width),
        conv(width, colours, 7, padding=3, padding_mode="reflect"),
        nn.Tanh(),
    )


def patch_judge(colours, width):
    return nn.Sequential(
        conv(colours, width, 4, 2, 1),
        nn.LeakyReLU(0.2, inplace=True),
        conv(width, 2 * width, 4, 2, 1, bias=False),
        nn.InstanceNorm2d(2 * width),
        nn.LeakyReLU(0.2, inplace=True),
        conv(2 * width, 1, 4, 1, 1),
    )


def build(sizes):
    colours = sizes["image"][0]
    pairs = list(zip(disc_batches(sizes), disc_batches(sizes)))
    # Forward, and backward.
    translators = nn.ModuleList(translator(colours, sizes["width"], sizes["blocks"]) for _ in range(2))
    # Of what forward and what backward leads to.
    judges = nn.ModuleList(patch_judge(colours, sizes["judgeWidth"]) for _ in range(2))
    adam = {"lr": sizes["learningRate"], "betas": (sizes["beta1"], 0.999)}
    translator_optimizer = torch.optim.Adam(translators.parameters(), **adam)
    judge_optimizer = torch.optim.Adam(judges.parameters(), **adam)

    def step(index):
        pair = pairs[index % len(pairs)]
        # Gradients pass through the judges, whose own are not needed.
        judges.requires_grad_(False)
        translator_optimizer.zero_grad(set_to_none=True)
        loss = 0
        for way in range(2):
            there, back, judge = translators[way], translators[1 - way], judges[way]
            a, b = pair[way], pair[1 - way]
            translated = there(a)
            adversarial = 0.5 * (judge(translated) - 1).square().mean()
            cycle, same = F.l1_loss(back(translated), a), F.l1_loss(there(b), b)
            loss = loss + adversarial + sizes["cycle"] * cycle + sizes["identity"] * same
        loss.backward()
        translator_optimizer.step()

        judges.requires_grad_(True)
        judge_optimizer.zero_grad(set_to_none=True)
        judged = 0
        for way in range(2):
            with torch.no_grad():
                fake = translators[way](pair[way])
            of_real, of_fake = judges[way](pair[1 - way]), judges[way](fake)
            judged = judged + 0.5 * ((of_real - 1).square().mean() + of_fake.square().mean())
        judged.backward()
        judge_optimizer.step()
        return loss.item() + judged.item()

    return [translators, judges], step
