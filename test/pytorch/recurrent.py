"""What PyTorch's recurrent layers compute, for src/learn/nn/recurrent.test.ts:

    python3 test/pytorch/recurrent.py > test/pytorch/recurrent.json

Made with PyTorch 1.13. All tensors that go in are waves, which the test makes too.
"""

import json
import math

import torch

BATCH, STEPS, INPUTS, HIDDEN = 2, 3, 2, 3


def wave(shape, phase, scale):
    """sin(0.7 i + phase) * scale, rounded to float32."""
    numbers = [math.sin(0.7 * i + phase) * scale for i in range(math.prod(shape))]
    return torch.tensor(numbers, dtype=torch.float32).double().reshape(shape)


def rounded(tensor):
    return [round(number, 7) for number in tensor.detach().flatten().tolist()]


def reference(kind, layers, bidirectional):
    module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](
        INPUTS, HIDDEN, layers, batch_first=True, bidirectional=bidirectional
    ).double()
    parameters = dict(module.named_parameters())
    for place, parameter in enumerate(parameters.values()):
        parameter.data = wave(list(parameter.shape), place, 0.8)
    x = wave([BATCH, STEPS, INPUTS], 0.5, 1).requires_grad_()
    shape = [layers * (1 + bidirectional), BATCH, HIDDEN]
    start = [wave(shape, 1.5 + part, 0.5).requires_grad_() for part in range(2 if kind == "lstm" else 1)]
    output, last = module(x, tuple(start) if kind == "lstm" else start[0])
    last = list(last) if kind == "lstm" else [last]
    loss = (output * wave(list(output.shape), 0.1, 1)).sum()
    for part, state in enumerate(last):
        loss = loss + (state * wave(shape, 0.2 + part, 1)).sum()
    loss.backward()
    return {
        "kind": kind,
        "layers": layers,
        "bidirectional": bidirectional,
        "output": rounded(output),
        "last": [rounded(state) for state in last],
        "byX": rounded(x.grad),
        "byStart": [rounded(state.grad) for state in start],
        "byParameters": {name: rounded(parameter.grad) for name, parameter in parameters.items()},
    }


cases = [reference(kind, layers, both) for kind in ("lstm", "gru") for layers, both in ((1, False), (2, True))]
print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
