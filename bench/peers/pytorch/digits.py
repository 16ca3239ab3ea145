"""Batches that stand for digits: the random ink of bench/workloads/ink.ts, and labels."""

import torch


def ink_batches(sizes):
    shape = (sizes["batch"], *sizes["image"])
    return [(torch.rand(shape) < sizes["white"]).float() for _ in range(sizes["batches"])]


def label_batches(sizes, count=None):
    shape = (count or sizes["batch"],)
    return [torch.randint(sizes["classes"], shape) for _ in range(sizes["batches"])]
