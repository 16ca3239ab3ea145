"""The encoder-decoder transformer of bench/workloads/seq2seq.ts in PyTorch eager: post-norm, as in Vaswani et al. (2017)."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from tokens import token_batches


class Attention(nn.Module):
    """Queries from x, keys and values from a memory."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, memory, hidden=None):
        def split(y):
            return y.view(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2)  # [B, heads, T, D]

        q, k, v = split(self.query(x)), split(self.key(memory)), split(self.value(memory))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if hidden is not None:
            scores = scores.masked_fill(hidden, float("-inf"))
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


def feed_forward(width, inner):
    return nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))


class EncoderLayer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.attention, self.mlp = Attention(width, heads), feed_forward(width, inner)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        x = self.norm1(x + self.attention(x, x))
        return self.norm2(x + self.mlp(x))


class DecoderLayer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.attention, self.cross, self.mlp = Attention(width, heads), Attention(width, heads), feed_forward(width, inner)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))

    def forward(self, x, memory, future):
        x = self.norm1(x + self.attention(x, x, future))
        x = self.norm2(x + self.cross(x, memory))
        return self.norm3(x + self.mlp(x))


def sinusoids(length, width):
    angles = torch.arange(length)[:, None] * torch.exp(-math.log(10_000) * torch.arange(0, width, 2) / width)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)


class Seq2seq(nn.Module):
    """One table of vectors for source, target and output."""

    def __init__(self, sizes):
        super().__init__()
        width, length, layer = sizes["width"], sizes["tokens"], (sizes["width"], sizes["heads"], sizes["feedForward"])
        self.table = nn.Parameter(torch.randn(sizes["vocabulary"], width) * width**-0.5)
        self.encoder = nn.ModuleList(EncoderLayer(*layer) for _ in range(sizes["layers"]))
        self.decoder = nn.ModuleList(DecoderLayer(*layer) for _ in range(sizes["layers"]))
        self.register_buffer("positions", sinusoids(length, width), persistent=False)
        self.register_buffer("future", torch.triu(torch.ones(length, length, dtype=torch.bool), 1), persistent=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def embed(self, tokens):
        return F.embedding(tokens, self.table) * math.sqrt(self.table.shape[1]) + self.positions

    def forward(self, source, target):
        memory = self.embed(source)
        for layer in self.encoder:
            memory = layer(memory)
        x = self.embed(target)
        for layer in self.decoder:
            x = layer(x, memory, self.future)
        return F.linear(x, self.table)


def build(sizes):
    length, vocabulary = sizes["tokens"], sizes["vocabulary"]
    sources = token_batches(sizes, length + 1)
    model = Seq2seq(sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=sizes["learningRate"])

    def step(index):
        optimizer.zero_grad(set_to_none=True)
        tokens = sources[index % len(sources)]
        # The translation is the source, every token exchanged for the next one of the vocabulary.
        target = (tokens + 1) % vocabulary
        logits = model(tokens[:, 1:], target[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), label_smoothing=sizes["smoothing"])
        loss.backward()
        optimizer.step()
        return loss.item()

    return [model], step
