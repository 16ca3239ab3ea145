"""The LSTM language model of bench/workloads/lstm.ts in PyTorch eager."""

import torch
import torch.nn.functional as F
from torch import nn

from tokens import token_batches


class LanguageModel(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        width = sizes["width"]
        self.embedding = nn.Embedding(sizes["vocabulary"], width)
        self.lstm = nn.LSTM(width, width, sizes["layers"], batch_first=True)
        self.head = nn.Linear(width, sizes["vocabulary"])

    def forward(self, tokens):
        return self.head(self.lstm(self.embedding(tokens))[0])


def build(sizes):
    batches = token_batches(sizes, sizes["tokens"] + 1)
    model = LanguageModel(sizes)
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
