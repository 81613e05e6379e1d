"""CNN basics: sizes, pooling and what is counted, as PyTorch has it or by following every window."""

from __future__ import annotations

import numpy as np
from oracle import Oracle

Array = np.ndarray
Args = tuple[object, ...]


def positions_followed(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    """Moves the taps of the kernel along the padded input."""
    padded = n + 2 * p
    if d * (k - 1) >= padded:
        raise ValueError
    count = 0
    while True:
        taps = [count * s + d * tap for tap in range(k)]
        reached = count > 0 and taps[-1] - s >= padded - 1  # the window before already saw the end
        if (taps[0] >= n + p or reached) if ceil_mode else taps[-1] >= padded:
            return count
        count += 1


def size_in_torch(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    import torch  # heavy: only where it is wanted

    line = torch.zeros(1, 1, n)
    if ceil_mode:
        return int(torch.nn.functional.max_pool1d(line, k, s, p, d, ceil_mode=True).shape[-1])
    return int(torch.nn.functional.conv1d(line, torch.zeros(1, 1, k), None, s, p, d).shape[-1])


def fitting_kernels(rng: np.random.Generator) -> Args:
    k, s, d = (int(value) for value in rng.integers(1, 6, 3))
    ceil_mode, span = bool(rng.integers(2)), d * (k - 1) + 1
    p = int(rng.integers(0, (k if ceil_mode else 2 * span) // 2 + 1))
    return max(1, span - 2 * p) + int(rng.integers(0, 12)), k, s, p, d, ceil_mode


def any_kernels(rng: np.random.Generator) -> Args:
    n, k, s, d = (int(value) for value in rng.integers(1, 7, 4))
    return n, k, s, int(rng.integers(0, (d * (k - 1) + 1) // 2 + 1)), d, bool(rng.integers(2))


def pixels_followed(layers: list[tuple[int, int, int, int]]) -> tuple[int, int, float]:
    """The input pixels of units 0 and 1, one by one."""
    seen = []
    for unit in (0, 1):
        pixels = {unit}
        for k, s, p, d in reversed(layers):
            pixels = {pixel * s - p + d * tap for pixel in pixels for tap in range(k)}
        seen.append(pixels)
    first, last = min(seen[0]), max(seen[0])
    return last - first + 1, min(seen[1]) - first, (first + last + 1) / 2


def chains(rng: np.random.Generator) -> Args:
    ranges = ((1, 5), (1, 4), (0, 4), (1, 4))
    return ([tuple(int(rng.integers(*limits)) for limits in ranges) for _ in range(int(rng.integers(0, 6)))],)


def max_pool_in_torch(x: Array, k: int, s: int, p: int) -> tuple[Array, Array]:
    import torch

    values, argmax = torch.nn.functional.max_pool2d(torch.from_numpy(x).double(), k, s, p, return_indices=True)
    return values.numpy(), argmax.numpy()


def pooled(rng: np.random.Generator) -> Args:
    """Often with few different values, so that maxima tie, and mostly negative ones."""
    k, s = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    p = int(rng.integers(0, k // 2 + 1))
    n, c, height, width = (int(value) for value in rng.integers([1, 1, 0, 0], [3, 4, 7, 7]))
    shape = (n, c, max(1, k - 2 * p) + height, max(1, k - 2 * p) + width)
    x = rng.integers(-4, 2, shape) if rng.integers(2) else rng.normal(size=shape) - 1
    return x, k, s, p


def scattered_by_torch(dy: Array, argmax: Array, in_shape: tuple[int, ...]) -> Array:
    import torch

    n, c, height, width = in_shape
    planes = torch.zeros(n, c, height * width, dtype=torch.float64)
    planes.scatter_add_(2, torch.from_numpy(argmax).flatten(2), torch.from_numpy(dy).flatten(2))
    return planes.reshape(in_shape).numpy()


def picked_pixels(rng: np.random.Generator) -> Args:
    """Few pixels for many windows, so that they are shared; what a window could see does not matter here."""
    in_shape = tuple(int(value) for value in rng.integers([0, 1, 1, 1], [3, 4, 6, 6]))
    out_shape = (*in_shape[:2], *(int(value) for value in rng.integers(1, 6, 2)))
    return rng.normal(size=out_shape), rng.integers(0, in_shape[2] * in_shape[3], out_shape), in_shape


def counted_in_torch(
    cin: int, cout: int, k: tuple[int, int], out_hw: tuple[int, int], groups: int, bias: bool
) -> tuple[int, int]:
    """With ones for weights and inputs, every multiply-add adds 1 to the sum of the outputs."""
    import torch

    layer = torch.nn.Conv2d(cin, cout, k, groups=groups, bias=bias, dtype=torch.float64)
    ones = torch.ones(1, cin, *(size + side - 1 for size, side in zip(out_hw, k, strict=True)), dtype=torch.float64)
    outputs = torch.nn.functional.conv2d(ones, torch.ones_like(layer.weight), groups=groups)
    return sum(parameter.numel() for parameter in layer.parameters()), round(outputs.sum().item())


def layers(rng: np.random.Generator) -> Args:
    groups, cin, cout = (int(value) for value in rng.integers(1, 7, 3))
    if rng.integers(3):
        cin, cout = cin * groups, cout * groups
    k, out_hw = ((int(high), int(wide)) for high, wide in rng.integers(1, 6, (2, 2)))
    return cin, cout, k, out_hw, groups, bool(rng.integers(2))


def avg_pool_in_torch(x: Array, k: int, s: int, p: int, count_include_pad: bool) -> Array:
    import torch

    image = torch.from_numpy(x).double()
    return torch.nn.functional.avg_pool2d(image, k, s, p, count_include_pad=count_include_pad).numpy()


def averaged(rng: np.random.Generator) -> Args:
    return *pooled(rng), bool(rng.integers(2))


ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu", "gelu"]


def activated_in_torch(name: str, x: Array) -> tuple[Array, Array]:
    import torch

    leaf = torch.from_numpy(x).double().requires_grad_()
    y = getattr(torch if name in ("sigmoid", "tanh") else torch.nn.functional, name)(leaf)
    (dy,) = torch.autograd.grad(y.sum(), leaf)
    return y.detach().numpy(), dy.numpy()


def inputs_of_activations(rng: np.random.Generator) -> Args:
    """Zeros, integers and very large values among them."""
    shape = tuple(int(value) for value in rng.integers(0, 5, int(rng.integers(1, 4))))
    x = rng.integers(-4, 5, shape) if rng.integers(2) else rng.normal(size=shape) * rng.choice([1, 30, 3000])
    return str(rng.choice(ACTIVATIONS)), x


def map_by_pointwise_convolution(f: Array, w: Array, k: int) -> Array:
    """The linear layer slid over the map as a 1x1 convolution, and its channel of that class stretched."""
    import torch

    kernels = torch.from_numpy(w)[:, :, None, None]
    scores = torch.nn.functional.conv2d(torch.from_numpy(f).double()[None], kernels)[0, k].numpy()
    low, high = scores.min(), scores.max()
    return np.interp(scores, [low, high], [0, 1]) if low < high else 0 * scores


def maps_and_weights(rng: np.random.Generator) -> Args:
    """Small integers make constant maps without rounding."""
    c, height, width, classes = (int(value) for value in rng.integers(1, [4, 4, 4, 5]))
    if rng.integers(2):
        f, w = rng.integers(0, 2, (c, height, width)), rng.integers(-1, 2, (classes, c)).astype(float)
    else:
        f, w = rng.normal(size=(c, height, width)), rng.normal(size=(classes, c))
    return f, w, int(rng.integers(classes))


def kernel_from_unit_maps(W: Array, C: int, H: int, Wd: int) -> Array:  # noqa: N803  (the question's names)
    """What the layer makes of a map with a single 1 is the kernel's weight at that place."""
    kernel = np.empty((len(W), C, H, Wd))
    for place in np.ndindex(C, H, Wd):
        unit_map = np.zeros((C, H, Wd))
        unit_map[place] = 1
        kernel[:, *place] = W @ unit_map.ravel()  # raises ValueError if the widths differ
    return kernel


def dense_layers(rng: np.random.Generator) -> Args:
    c, height, width = (int(value) for value in rng.integers(1, 5, 3))
    columns = c * height * width + (int(rng.integers(-1, 2)) if rng.integers(4) == 0 else 0)
    return rng.normal(size=(int(rng.integers(0, 5)), columns)), c, height, width


ORACLES = [
    Oracle("conv-output-size", positions_followed, any_kernels, rounds=600),
    Oracle("conv-output-size", size_in_torch, fitting_kernels, rounds=400, needs=("torch",)),
    Oracle("receptive-field", pixels_followed, chains, rounds=400),
    Oracle("max-pool2d", max_pool_in_torch, pooled, rounds=300, needs=("torch",)),
    Oracle("max-pool2d-backward", scattered_by_torch, picked_pixels, rounds=300, needs=("torch",)),
    Oracle("conv-params-macs", counted_in_torch, layers, rounds=300, needs=("torch",)),
    Oracle("avg-pool2d", avg_pool_in_torch, averaged, rounds=300, needs=("torch",)),
    Oracle("activation-and-grad", activated_in_torch, inputs_of_activations, rounds=400, needs=("torch",)),
    Oracle("class-activation-map", map_by_pointwise_convolution, maps_and_weights, rounds=300, needs=("torch",)),
    Oracle("fc-to-conv", kernel_from_unit_maps, dense_layers, rounds=300),
]
