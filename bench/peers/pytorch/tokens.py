"""Tokens of bench/workloads/tokens.ts: each is one of four that follow the last one."""

import torch


def token_batches(sizes, length):
    vocabulary = sizes["vocabulary"]

    def one():
        columns = [torch.randint(vocabulary, (sizes["batch"],))]
        for _ in range(length - 1):
            columns.append((5 * columns[-1] + 1 + torch.randint(4, (sizes["batch"],))) % vocabulary)
        return torch.stack(columns, 1)

    return [one() for _ in range(sizes["batches"])]
