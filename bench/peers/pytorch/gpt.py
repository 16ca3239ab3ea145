"""The GPT of bench/workloads/gpt.ts in PyTorch eager: pre-norm blocks with plain attention, as in nanoGPT."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from tokens import token_batches


class SelfAttention(nn.Module):
    def __init__(self, width, heads, length):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.register_buffer("future", torch.triu(torch.ones(length, length, dtype=torch.bool), 1), persistent=False)

    def forward(self, x):
        count, length, width = x.shape
        parts = self.qkv(x).view(count, length, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # [B, heads, T, D] each
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = scores.masked_fill(self.future, float("-inf")).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(count, length, width))


class Block(nn.Module):
    def __init__(self, width, heads, length):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads, length)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        width, length, vocabulary = sizes["width"], sizes["tokens"], sizes["vocabulary"]
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, sizes["heads"], length) for _ in range(sizes["layers"])))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, 0, 0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, tokens):
        x = self.token(tokens) + self.position.weight
        return self.head(self.norm(self.blocks(x)))


def build(sizes):
    batches = token_batches(sizes, sizes["tokens"] + 1)
    model = Gpt(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        tokens = batches[index % len(batches)]
        logits = model(tokens[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        return loss.item()

    return [model], step
