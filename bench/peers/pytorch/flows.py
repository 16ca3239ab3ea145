"""Layers of flows as in src/learn/models/flow, in PyTorch eager: x [B, C, ...] -> y and log |det|, [B] or a scalar."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from initial import he_normal_, zeros_


def along(values, x):
    """[C] as [C, 1, ...]."""
    return values.view(-1, *[1] * (x.dim() - 2))


def over_event(x):
    return x.flatten(1).sum(1)


def places(x):
    return x[0, 0].numel()


def statistics(x):
    axes = [axis for axis in range(x.dim()) if axis != 1]
    deviation = x.var(axes, unbiased=False).sqrt()
    return x.mean(axes), torch.where(deviation > 1e-6, deviation, torch.ones(()))


class Standardize(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("scale", torch.ones(channels))

    def prepare(self, x):
        mean, deviation = statistics(x)
        self.mean.copy_(mean)
        self.scale.copy_(deviation)

    def forward(self, x):
        return (x - self.mean) / self.scale, -self.scale.log().sum()

    def inverse(self, y):
        return y * self.scale + self.mean


class ActNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))
        self.log_scale = nn.Parameter(torch.zeros(channels))

    def prepare(self, x):
        mean, deviation = statistics(x)
        self.bias.copy_(-mean)
        self.log_scale.copy_(-deviation.log())

    def forward(self, x):
        y = (x + along(self.bias, x)) * along(self.log_scale.exp(), x)
        return y, self.log_scale.sum() * places(x)

    def inverse(self, y):
        return y * along(torch.exp(-self.log_scale), y) - along(self.bias, y)


class InvertibleLinear(nn.Module):
    """W = P L U, from a random rotation on."""

    def __init__(self, channels):
        super().__init__()
        rotation, _ = torch.linalg.qr(torch.randn(channels, channels))
        permutation, lower, upper = torch.lu_unpack(*torch.lu(rotation))
        diagonal = upper.diagonal()
        self.lower = nn.Parameter(lower.tril(-1))
        self.upper = nn.Parameter(upper.triu(1))
        self.log_diagonal = nn.Parameter(diagonal.abs().log())
        self.register_buffer("permutation", permutation, persistent=False)
        self.register_buffer("signs", diagonal.sign(), persistent=False)
        self.register_buffer("ones", torch.eye(channels), persistent=False)

    def forward(self, x):
        upper = self.upper.triu(1) + torch.diag(self.log_diagonal.exp() * self.signs)
        matrix = self.permutation @ (self.lower.tril(-1) + self.ones) @ upper
        y = F.linear(x, matrix) if x.dim() == 2 else F.conv2d(x, matrix[:, :, None, None])
        return y, self.log_diagonal.sum() * places(x)


class Affine:
    """y = x e^s + t."""

    size = 2

    def __init__(self, bound=2):
        self.bound = bound

    def parts(self, raw):
        shift, scale = raw.chunk(2, 1)
        return shift, (scale / self.bound).tanh() * self.bound

    def forward(self, x, raw):
        shift, log_scale = self.parts(raw)
        return x * log_scale.exp() + shift, log_scale

    def inverse(self, y, raw):
        shift, log_scale = self.parts(raw)
        return (y - shift) * torch.exp(-log_scale)


class Spline:
    """Rational-quadratic splines from -bound to bound, as src/learn/prob/bijections/rational-quadratic.ts has them."""

    bound, smallest = 4, 0.2
    least, largest = 0.1, 3
    neutral = math.log((1 - least) / (largest - 1))

    def __init__(self, bins):
        self.bins = bins
        self.size = 3 * bins - 1

    def sizes(self, raw):
        share = (1 - self.smallest) * raw.softmax(-1) + self.smallest / self.bins
        return 2 * self.bound * share

    def forward(self, x, raw):
        bins, bound = self.bins, self.bound
        raw = raw.view(len(x), self.size, -1).transpose(1, 2)  # [B, C, size]
        widths, heights = self.sizes(raw[..., :bins]), self.sizes(raw[..., bins : 2 * bins])
        slopes = heights / widths
        factors = torch.sigmoid(raw[..., 2 * bins :] + self.neutral) * (self.largest - self.least) + self.least
        derivatives = F.pad(torch.minimum(slopes[..., 1:], slopes[..., :-1]) * factors, (1, 1), value=1.0)
        lefts = F.pad(widths.cumsum(-1)[..., :-1], (1, 0)) - bound
        bottoms = F.pad(heights.cumsum(-1)[..., :-1], (1, 0)) - bound
        inside = x.clamp(-bound, bound)
        piece = torch.searchsorted(lefts[..., 1:].contiguous(), inside.unsqueeze(-1), right=True)

        def at(table):
            return table.gather(-1, piece).squeeze(-1)

        left, width, bottom, height, s = at(lefts), at(widths), at(bottoms), at(heights), at(slopes)
        d, e = at(derivatives), derivatives.gather(-1, piece + 1).squeeze(-1)
        t = (inside - left) / width
        product = t * (1 - t)
        denominator = s + (d + e - 2 * s) * product
        y = bottom + height * (s * t.square() + d * product) / denominator
        numerator = e * t.square() + 2 * s * product + d * (1 - t).square()
        return y + (x - inside), ((s / denominator).square() * numerator).log()


class Coupling(nn.Module):
    def __init__(self, channels, transform, network, reverse=False):
        super().__init__()
        moved = channels // 2
        kept = channels - moved
        self.reverse, self.transform = reverse, transform
        self.sizes = [moved, kept] if reverse else [kept, moved]
        self.network = network(kept, transform.size * moved)

    def forward(self, x):
        first, last = x.split(self.sizes, 1)
        known, other = (last, first) if self.reverse else (first, last)
        y, log_derivative = self.transform.forward(other, self.network(known))
        return torch.cat([y, known] if self.reverse else [known, y], 1), over_event(log_derivative)


def perceptron(hidden):
    def network(inputs, outputs):
        widths = [inputs, *hidden]
        layers = [part for a, b in zip(widths, widths[1:]) for part in (he_normal_(nn.Linear(a, b)), nn.ReLU())]
        return nn.Sequential(*layers, zeros_(nn.Linear(widths[-1], outputs)))

    return network


class MaskedLinear(nn.Linear):
    """Weights only where `mask`, [outputs, inputs], holds."""

    def __init__(self, mask, zeros=False):
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float(), persistent=False)
        fan = max(1, mask.float().sum(1).mean().item())
        nn.init.normal_(self.weight, 0, 0 if zeros else math.sqrt(2 / fan))
        nn.init.zeros_(self.bias)

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


class Autoregressive(nn.Module):
    def __init__(self, order, hidden, transform):
        super().__init__()
        size = len(order)
        self.order, self.transform = order, transform
        turns = torch.tensor(order)
        levels = [turns, *[torch.arange(width) % (size - 1) for width in hidden]]
        masks = [below <= above[:, None] for below, above in zip(levels, levels[1:])]
        last = (levels[-1] < turns[:, None]).repeat(transform.size, 1)
        layers = [part for mask in masks for part in (MaskedLinear(mask), nn.ReLU())]
        self.network = nn.Sequential(*layers, MaskedLinear(last, zeros=True))

    def forward(self, x):
        y, log_derivative = self.transform.forward(x, self.network(x))
        return y, over_event(log_derivative)

    def inverse(self, y):
        x = torch.zeros_like(y)
        for turn in range(len(self.order)):
            place = self.order.index(turn)
            x[:, place] = self.transform.inverse(y, self.network(x))[:, place]
        return x


class Chain(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    @torch.no_grad()
    def prepare(self, x):
        for layer in self.layers:
            if hasattr(layer, "prepare"):
                layer.prepare(x)
            x, _ = layer(x)

    def forward(self, x):
        log_det = 0
        for layer in self.layers:
            x, own = layer(x)
            log_det = log_det + own
        return x, log_det

    def inverse(self, y):
        for layer in reversed(self.layers):
            y = layer.inverse(y)
        return y


def negative_log_prob(z, log_det):
    """In nats, averaged over the batch."""
    return (0.5 * (z.square() + math.log(2 * math.pi)).sum(1) - log_det).mean()
