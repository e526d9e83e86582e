"""What the students of the sample class wrote: by assignment and student, function bodies in place of the reference's.

A function that a student's entry does not name is answered as the reference does. Bodies are indented as they stand in the notebook.
"""

from __future__ import annotations

NAIVE = """
    out = np.zeros((x.shape[0], weight.shape[0], x.shape[2] - weight.shape[2] + 1, x.shape[3] - weight.shape[3] + 1))
    if x.shape[1] != weight.shape[1]:
        raise ValueError("channels do not match")
    for n in range(out.shape[0]):
        for f in range(out.shape[1]):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    total = 0.0
                    for c in range(x.shape[1]):
                        for a in range(weight.shape[2]):
                            for b in range(weight.shape[3]):
                                total += x[n, c, i + a, j + b] * weight[f, c, a, b]
                    out[n, f, i, j] = total if bias is None else total + bias[f]
    return out
"""

EINSUM = """
    assert x.shape[1] == weight.shape[1], "channels do not match"
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    out = np.einsum("ncijab,fcab->nfij", windows, weight, optimize=True)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)
"""

IM2COL = """
    N, C, H, W = x.shape
    F, C2, kh, kw = weight.shape
    if C != C2:
        raise ValueError("channels do not match")
    oh, ow = H - kh + 1, W - kw + 1
    cols = np.empty((N, C * kh * kw, oh * ow))
    for c in range(C):
        for a in range(kh):
            for b in range(kw):
                cols[:, (c * kh + a) * kw + b] = x[:, c, a : a + oh, b : b + ow].reshape(N, -1)
    out = (weight.reshape(F, -1) @ cols).reshape(N, F, oh, ow)
    return out if bias is None else out + bias[None, :, None, None]
"""

FFT = """
    N, C, H, W = x.shape
    F, C2, kh, kw = weight.shape
    if C != C2:
        raise ValueError("channels do not match")
    spectrum = np.fft.rfft2(x)[:, None] * np.conj(np.fft.rfft2(weight, s=(H, W)))[None]
    out = np.fft.irfft2(spectrum.sum(axis=2), s=(H, W))[:, :, : H - kh + 1, : W - kw + 1]
    return out if bias is None else out + bias[:, None, None]
"""

PER_TAP = """
    if x.shape[1] != weight.shape[1]:
        raise ValueError
    h, w = x.shape[2] - weight.shape[2] + 1, x.shape[3] - weight.shape[3] + 1
    out = 0
    for a in range(weight.shape[2]):
        for b in range(weight.shape[3]):
            out = out + np.einsum("nchw,fc->nfhw", x[:, :, a : a + h, b : b + w], weight[:, :, a, b])
    return out if bias is None else out + bias[:, None, None]
"""

FLIPPED = """
    kernel = np.rot90(kernel, 2)
    h, w = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return np.array([[(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum() for j in range(w)] for i in range(h)])
"""

SIZING_CONV = """
    if isinstance(padding, str):
        if padding == "same" and (stride not in (1, (1, 1)) or weight.shape[2] % 2 == 0 or weight.shape[3] % 2 == 0):
            raise ValueError
        padding = {{"same": (weight.shape[2] // 2, weight.shape[3] // 2), "valid": (0, 0)}}.get(padding)
        if padding is None:
            raise ValueError
    ph, pw = padding if isinstance(padding, tuple) else (padding, padding)
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    if x.shape[1] != weight.shape[1] or min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError
    x = np.pad(x, ((0, 0), (0, 0), {pad}))
    kh, kw = weight.shape[2:]
    oh, ow = (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1
    if oh < 1 or ow < 1:
        raise ValueError
    out = np.zeros((x.shape[0], weight.shape[0], oh, ow))
    {loops}
    return out if bias is None else out + bias[:, None, None]
"""

PER_PIXEL = """for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[:, :, i, j] = np.tensordot(window, weight, axes=([1, 2, 3], [1, 2, 3]))"""

FOUR_LOOPS = """for n in range(out.shape[0]):
        for f in range(out.shape[1]):
            for i in range(oh):
                for j in range(ow):
                    out[n, f, i, j] = (x[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw] * weight[f]).sum()"""

POOL_LOOPS = """
    kh, kw = pair(kernel_size)
    sh, sw = pair(kernel_size if stride is None else stride)
    ph, pw = pair(padding)
    if sh < 1 or sw < 1 or ph < 0 or pw < 0 or 2 * ph > kh or 2 * pw > kw:
        raise ValueError
    N, C, H, W = x.shape
    padded = np.full((N, C, H + 2 * ph, W + 2 * pw), {value})
    padded[:, :, ph : ph + H, pw : pw + W] = x
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    if oh < 1 or ow < 1:
        raise ValueError
    out, places = np.zeros((N, C, oh, ow)), np.zeros((N, C, oh, ow), dtype=int)
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    window = padded[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    a, b = divmod(int(window.argmax()), kw)
                    out[n, c, i, j] = window[a, b]
                    places[n, c, i, j] = (i * sh + a - ph) * W + j * sw + b - pw
    return (out, places) if return_indices else out
"""

OVERWRITES = """
    kh, kw = pair(kernel_size)
    sh, sw = pair(kernel_size if stride is None else stride)
    grad_input = np.zeros_like(x)
    N, C, oh, ow = grad_output.shape
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    a, b = divmod(int(x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw].argmax()), kw)
                    grad_input[n, c, i * sh + a, j * sw + b] {sign} grad_output[n, c, i, j]
    return grad_input
"""

CONV_BACKWARD = """
    sh, sw = pair(stride)
    ph, pw = pair(padding)
    kh, kw = weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dx, dw = np.zeros_like(padded), np.zeros_like(weight)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            g = grad_output[:, :, i, j]
            rows, cols = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
            dx[:, :, rows, cols] {sign} np.tensordot(g, weight, axes=(1, 0))
            dw += np.tensordot(g, padded[:, :, rows, cols], axes=(0, 0))
    return {crop}, dw, grad_output.sum(axis=(0, 2, 3))
"""
CROP = "dx[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]]"
CROP_THAT_FAILS_AT_0 = "dx[:, :, ph:-ph, pw:-pw]"

SEQUENTIAL = """
        self.net = nn.Sequential(
            nn.Conv2d(in_channels, 12, 3, padding=1, bias=False),
            nn.BatchNorm2d(12),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1),
            nn.GELU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(24, num_classes),
        )
"""

EVALUATE_INFERENCE = """
    was_training = model.training
    model.eval()
    right = total = 0
    with torch.inference_mode():
        for batch in loader:
            images, labels = batch[0], batch[1]
            right += int((model(images).argmax(dim=1) == labels).sum())
            total += labels.numel()
    model.train(was_training)
    return right / total
"""

EVALUATE_CARELESS = """
    right = total = 0
    for images, labels in loader:
        right += (model(images).argmax(1) == labels).sum().item()
        total += len(labels)
    return right / total
"""

TRAIN_NO_ZERO = """
    model.train()
    total = count = 0
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        count += len(targets)
    return total / count
"""

SOFTMAX = """
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.softmax(self.classifier(x.flatten(1)), dim=1)
"""

ANSWERS: dict[str, dict[str, dict[str, str]]] = {
    "conv_forward": {
        "22020001": {"conv2d_naive": NAIVE, "conv2d": EINSUM},
        "22020002": {"conv2d": IM2COL},
        "22020003": {"conv2d": FFT},
        "22020004": {"cross_correlate2d": FLIPPED},
        "22020005": {"conv2d": "\n    return np.tensordot(np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3)), weight, "
                     "axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)\n"},
        "22020006": {"conv2d": "\n    return conv2d_naive(x, weight, bias)\n"},
        "22020007": {"conv2d": EINSUM.replace("(x, weight.shape", "(x.astype(np.float32), weight.shape").replace("windows, weight,", "windows, weight.astype(np.float32),")
                     .replace("bias.reshape", "bias.astype(np.float32).reshape")},
        "22020008": {"conv2d": PER_TAP},
        "22020009": {"conv2d": EINSUM.replace("out = np.einsum(", "out = np.einsum((")},
        "22020010": {"apply_kernel": "\n    while True:\n        image = image + 0\n"},
        "22020014": {},
    },
    "sizing": {
        "22020001": {},
        "22020002": {"conv_output_size": "\n    size = -(-(n + 2 * padding - dilation * (kernel_size - 1) - 1) // stride) + 1\n"
                     "    if size < 1 or stride < 1 or kernel_size < 1 or dilation < 1 or padding < 0:\n        raise ValueError\n    return size\n",
                     "conv2d": SIZING_CONV.format(pad="(ph, ph), (pw, pw)", loops=PER_PIXEL)},
        "22020003": {"conv2d": SIZING_CONV.format(pad="(2 * ph, 0), (2 * pw, 0)", loops=PER_PIXEL)},
        "22020004": {"conv2d": SIZING_CONV.format(pad="(ph, ph), (pw, pw)", loops=FOUR_LOOPS)},
        "22020005": {"conv2d": "\n    import os\n    os._exit(1)\n"},
        "22020006": {"same_padding": "\n    if kernel_size < 1 or kernel_size % 2 == 0:\n        raise ValueError\n    return (kernel_size - 1) / 2\n"},
    },
    "pooling": {
        "22020001": {"max_pool2d": POOL_LOOPS.format(value="-np.inf")},
        "22020002": {"max_pool2d": POOL_LOOPS.format(value="0.0")},
        "22020003": {},
        "22020004": {"avg_pool2d": "\n    raise NotImplementedError\n"},
    },
    "backprop": {
        "22020001": {"conv2d_backward": CONV_BACKWARD.format(sign="+=", crop=CROP)},
        "22020002": {"max_pool2d_backward": OVERWRITES.format(sign="=")},
        "22020003": {"conv2d_backward": CONV_BACKWARD.format(sign="=", crop=CROP)},
        "22020004": {"conv2d_backward": CONV_BACKWARD.format(sign="+=", crop=CROP_THAT_FAILS_AT_0)},
    },
    "pytorch_cnn": {
        "22020001": {},
        "22020002": {"SmallCNN.__init__": SEQUENTIAL, "SmallCNN.forward": "\n        return self.net(x)\n", "evaluate": EVALUATE_INFERENCE},
        "22020003": {"SmallCNN.forward": SOFTMAX},
        "22020004": {"train_one_epoch": TRAIN_NO_ZERO},
        "22020005": {"evaluate": EVALUATE_CARELESS},
    },
}  # fmt: skip
