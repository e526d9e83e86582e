"""Wrong answers to "A convolutional network in PyTorch". SmallCNN is left out: no answers tell what is wrong with a class, and training it takes long."""

from __future__ import annotations

from tests.examine.wrong_answers import Wrong

RIGHT = """
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def load_numpy_conv(conv, weight, bias):
    if tuple(conv.weight.shape) != weight.shape:
        raise ValueError("weight has another shape")
    if bias is not None and tuple(conv.bias.shape) != bias.shape:
        raise ValueError("bias has another shape")
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(weight))
        if bias is not None:
            conv.bias.copy_(torch.tensor(bias))


def train_one_epoch(model, loader, optimizer, loss_fn):
    model.train()
    running_loss = 0.0
    seen = 0
    for data, target in loader:
        optimizer.zero_grad()
        output = model(data)
        loss = loss_fn(output, target)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * data.size(0)
        seen += data.size(0)
    return running_loss / seen


def evaluate(model, loader):
    mode = model.training
    model.eval()
    correct = 0
    total = 0
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            predicted = output.argmax(1)
            correct += (predicted == target).sum().item()
            total += target.size(0)
    model.train(mode)
    return correct / total


def count_parameters(model):
    total = 0
    for p in model.parameters():
        if p.requires_grad:
            total += p.numel()
    return total
"""

WRONG = [
    Wrong(
        "kernels_flipped",
        "load_numpy_conv",
        "the kernels are turned, as a mathematician's convolution has it",
        "torch.tensor(weight)",
        "torch.tensor(weight[:, :, ::-1, ::-1].copy())",
        ("turn", "flip"),
    ),
    Wrong(
        "bias_forgotten",
        "load_numpy_conv",
        "the bias is set to zero",
        "conv.bias.copy_(torch.tensor(bias))",
        "conv.bias.zero_()",
    ),
    Wrong(
        "weight_doubled",
        "load_numpy_conv",
        "the weights are added to those that are there",
        "conv.weight.copy_(torch.tensor(weight))",
        "conv.weight.add_(torch.tensor(weight))",
    ),
    Wrong(
        "mean_of_means",
        "train_one_epoch",
        "averaged over batches",
        "return running_loss / seen",
        "return running_loss / seen * 0 + loss.item()",
        ("loss_of_the_last_batch",),
    ),
    Wrong(
        "exponential_average",
        "train_one_epoch",
        "a running average, as progress bars show it",
        "running_loss += loss.item() * data.size(0)",
        "running_loss = 0.9 * running_loss + 0.1 * loss.item() * data.size(0)",
    ),
    Wrong(
        "clipped_gradients",
        "train_one_epoch",
        "gradients are clipped",
        "optimizer.step()",
        "torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)\n        optimizer.step()",
    ),
    Wrong(
        "zeroed_after_backward",
        "train_one_epoch",
        "gradients are cleared before the first batch only",
        "optimizer.zero_grad()",
        "if seen == 0: optimizer.zero_grad()",
        ("gradients_cleared_once",),
    ),
    Wrong(
        "squared_loss",
        "train_one_epoch",
        "the loss is squared",
        "loss = loss_fn(output, target)",
        "loss = loss_fn(output, target) ** 2",
    ),
    Wrong("accuracy_of_classes", "evaluate", "the smallest logit is taken", "output.argmax(1)", "output.argmin(1)"),
    Wrong("last_batch", "evaluate", "counts are reset for each batch", "correct += ", "correct = ", ("last",)),
    Wrong(
        "wrong_total",
        "evaluate",
        "divides by the number of logits",
        "target.size(0)",
        "output.numel()",
        ("1/", "same factor"),
    ),
    Wrong(
        "half",
        "evaluate",
        "counts what is above one half",
        "predicted = output.argmax(1)",
        "predicted = (output > 0.5).float().argmax(1)",
    ),
    Wrong(
        "layers_counted",
        "count_parameters",
        "counts parameter tensors, and one more",
        "total += p.numel()",
        "total += 1 + p.dim()",
    ),
    Wrong(
        "first_two_axes",
        "count_parameters",
        "only the first two axes are multiplied",
        "p.numel()",
        "int(np.prod(p.shape[:2]))",
    ),
    Wrong(
        "without_first",
        "count_parameters",
        "the first parameter is skipped",
        "for p in model.parameters():",
        "for p in list(model.parameters())[1:]:",
    ),
]
