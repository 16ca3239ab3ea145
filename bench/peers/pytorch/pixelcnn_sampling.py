"""Samples of the PixelCNN of bench/workloads/pixelcnn.ts in PyTorch eager, as public implementations draw them."""

from digits import label_batches
from pixelcnn import model_of, pixels


def build(sizes):
    model = model_of(sizes).eval()
    (label,) = label_batches({**sizes, "batches": 1}, sizes["count"])

    def step(_):
        return pixels(model.sample(label), sizes["patch"]).square().mean().item()

    return [model], step
