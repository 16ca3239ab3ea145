"""Products of square matrices in PyTorch: how fast this machine's BLAS multiplies."""

import torch


def build(sizes):
    size = sizes["size"]
    a = torch.randn(size, size)
    b = torch.randn(size, size) / size**0.5

    def step(_):
        product = a
        for _ in range(sizes["products"]):
            product = torch.mm(product, b)
        return product[0, 0].item()

    return [], step
