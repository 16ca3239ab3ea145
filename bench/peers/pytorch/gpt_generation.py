"""Texts by the GPT of bench/workloads/gpt.ts in PyTorch eager, token by token with keys and values kept."""

import math

import torch

from gpt import Gpt


class Keeping:
    """One block's attention over the places that were read; their keys and values stay."""

    def __init__(self, block, count, length):
        attention = block.attention
        size = attention.out.in_features // attention.heads
        self.block = block
        self.keys = torch.empty(count, attention.heads, length, size)
        self.values = torch.empty(count, attention.heads, length, size)

    def read(self, x, place):
        """x [B, 1, width] of one place."""
        attention = self.block.attention
        count, _, width = x.shape
        parts = attention.qkv(self.block.norm1(x)).view(count, 1, 3, attention.heads, width // attention.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        self.keys[:, :, place : place + 1] = k
        self.values[:, :, place : place + 1] = v
        keys, values = self.keys[:, :, : place + 1], self.values[:, :, : place + 1]
        weights = (q @ keys.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1)
        x = x + attention.out((weights @ values).transpose(1, 2).reshape(count, 1, width))
        return x + self.block.mlp(self.block.norm2(x))


def build(sizes):
    model = Gpt(sizes).eval()
    count, length = sizes["count"], sizes["tokens"]

    @torch.inference_mode()
    def step(_):
        blocks = [Keeping(block, count, length) for block in model.blocks]
        token = torch.zeros(count, dtype=torch.long)
        drawn = []
        for place in range(length):
            x = (model.token(token) + model.position.weight[place]).unsqueeze(1)
            for block in blocks:
                x = block.read(x, place)
            scores = model.head(model.norm(x)).squeeze(1)
            token = torch.multinomial(scores.softmax(-1), 1).squeeze(1)
            drawn.append(token)
        return torch.stack(drawn, 1).float().square().mean().item()

    return [model], step
