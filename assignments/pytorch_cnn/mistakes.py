"""Wrong answers that students give to "A convolutional network in PyTorch".

Karpathy's list is "most common neural net mistakes", A. Karpathy on Twitter, 1 July 2018. A mistake of `SmallCNN` is not
found by its answers, which depend on how a network is built: the hidden test that recognises it says its name.
"""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.catalogue import mistake

# SmallCNN


def _class_of(make):
    """A class of networks that put an image through the layers that `make(in_channels, num_classes)` gives."""

    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.layers = nn.Sequential(*make(in_channels, num_classes))

        def forward(self, x):
            return self.layers(x)

    return SmallCNN


def _ending_with(right, change):
    """The reference's networks, with something done to their logits."""

    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            return change(super().forward(x))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Your network ends with a softmax. Return the logits as the last layer gives them: nn.CrossEntropyLoss contains the softmax already, and with two of them the network learns badly.",
    known="the fourth of Karpathy's list: softmaxed outputs passed to a loss that expects raw logits",
)
def softmax_at_the_end(right):
    return _ending_with(right, lambda logits: torch.softmax(logits, dim=1))


@mistake(
    of="SmallCNN",
    hint="Your network ends with a softmax, and this goes over the images of the batch instead of over the classes. Leave it out: nn.CrossEntropyLoss contains one, over the right axis.",
    known="dim=0 for dim=1; so did nn.Softmax() without dim for inputs of 3 axes in old versions of PyTorch",
)
def softmax_over_the_batch(right):
    return _ending_with(right, lambda logits: torch.softmax(logits, dim=0))


@mistake(
    of="SmallCNN",
    hint="Your network ends with a LogSoftmax, and this goes over the images of the batch instead of over the classes. Leave it out: nn.CrossEntropyLoss contains one, over the right axis.",
    known="nn.LogSoftmax(dim=0), as a warning about a missing dim leads to; questions of PyTorch's forum",
)
def log_softmax_over_the_batch(right):
    return _ending_with(right, lambda logits: F.log_softmax(logits, dim=0))


@mistake(
    of="SmallCNN",
    hint="Your network ends with a ReLU, so that no logit can be negative, and where it is 0 no gradient flows. Put ReLU between layers, never after the last one.",
    known="one ReLU after each layer, the last one included",
)
def relu_at_the_end(right):
    return _ending_with(right, torch.relu)


@mistake(
    of="SmallCNN",
    hint="Your network ends with a sigmoid, which squeezes each logit between 0 and 1. Return the numbers of the last layer as they are: the cross-entropy makes probabilities of them.",
    known="sigmoid from classification with two classes, as in deeplearning.ai's course 1",
)
def sigmoid_at_the_end(right):
    return _ending_with(right, torch.sigmoid)


@mistake(
    of="SmallCNN",
    hint="Your network ends with a tanh, which keeps each logit between -1 and 1, so that the network can never be sure. Return the numbers of the last layer as they are.",
    known="one tanh after each layer, the last one included",
)
def tanh_at_the_end(right):
    return _ending_with(right, torch.tanh)


@mistake(
    of="SmallCNN",
    hint="Your forward returns the class with the largest logit. Return all the logits: without them there is no loss to learn from. Choosing a class is the work of evaluate.",
    known="prediction and forward pass taken for one",
)
def class_returned(right):
    return _ending_with(right, lambda logits: logits.argmax(dim=1))


@mistake(
    of="SmallCNN",
    hint="Your forward computes something, but returns nothing. End it with a return of the logits.",
    known="TypeError about NoneType in cross_entropy(), a question of PyTorch's forum",
)
def forward_returns_nothing(right):
    return _ending_with(right, lambda logits: None)


@mistake(
    of="SmallCNN",
    hint="Your network has no non-linearity, apart from max pooling: layers without one between them are a single matrix. Put a ReLU, or something like it, after each convolution, and use what it returns.",
    known="convolutions and pooling put together as the slides draw them; F.relu(x) on a line of its own, its result thrown away",
)
def no_nonlinearity(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(self.conv1(x), 2)
            x = F.max_pool2d(self.conv2(x), 2)
            return self.classifier(x.flatten(1))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Your network has fully connected layers only. Begin with a convolution, whose kernel is larger than 1x1, so that it sees how neighbouring cells belong together.",
    known="the network of PyTorch's quickstart tutorial, Flatten and Linear",
)
def no_convolution(right):
    return _class_of(
        lambda channels, classes: [nn.Flatten(), nn.Linear(64 * channels, 32), nn.ReLU(), nn.Linear(32, classes)]
    )


@mistake(
    of="SmallCNN",
    hint="The kernels of your convolutions are 1x1: they mix the channels of each cell, and never look at its neighbours. Make the kernel of one of them larger, such as 3x3.",
    known="kernel_size=1 from the slide on 1x1 convolutions",
)
def kernels_are_1x1(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, classes)
        ]
    )  # fmt: skip


@mistake(
    of="SmallCNN",
    hint="Your feature maps stay as large as the image until they are flattened. Make them smaller on the way: with pooling, with a stride of 2, or with an average over each map.",
    known="padding='same' everywhere, and no pooling",
)
def maps_never_shrink(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Flatten(),
            nn.Linear(512, classes),
        ]
    )  # fmt: skip


@mistake(
    of="SmallCNN",
    hint="Some of your weights are unknown to parameters(), so that no optimizer ever changes them. Layers in a plain Python list are not found: use nn.ModuleList or nn.Sequential, and nn.Parameter for weights of your own.",
    known="documentation of nn.ModuleList; 'optimizer got an empty parameter list', a question of PyTorch's forum",
)
def layers_in_a_list(right):
    class SmallCNN(nn.Module):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__()
            self.convs = [nn.Conv2d(in_channels, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)]
            self.classifier = nn.Linear(64, num_classes)

        def forward(self, x):
            for conv in self.convs:
                x = F.max_pool2d(F.relu(conv(x)), 2)
            return self.classifier(x.flatten(1))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="You make layers within forward, so that each call has new weights, by chance, and nothing is ever learned. Make them once, in __init__, as attributes of the module.",
    known="layers used as if they were functions, nn.Conv2d(1, 8, 3)(x), as in Keras",
)
def layers_made_in_forward(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(nn.Conv2d(x.shape[1], 8, 3, padding=1)(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.classifier(x.flatten(1))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Some of your weights are ordinary tensors, which no optimizer changes and no gradient reaches. Wrap them in nn.Parameter, as attributes of the module, or use layers such as nn.Conv2d.",
    known="self.weight = torch.randn(...), with torch.nn.functional",
)
def weights_are_plain_tensors(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            del self.conv1
            self.weight = torch.randn(8, in_channels, 3, 3) / 3

        def conv1(self, x):
            return F.conv2d(x, self.weight, padding=1)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Within forward, something cuts the thread along which gradients run back, so that layers before it never learn. Look for detach(), .data, .item(), .numpy(), torch.tensor(...) and torch.no_grad(), and leave them out of forward.",
    known="no_grad and detach copied from code that measures a network",
)
def history_cut_off(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2).detach()
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.classifier(x.flatten(1))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Some of your layers are frozen: their requires_grad is False, so that they stay as they are made. Here every layer should learn.",
    known="requires_grad_(False) from code for transfer learning",
)
def parameters_frozen_from_the_start(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            self.conv1.requires_grad_(False)
            self.conv2.requires_grad_(False)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="The number of channels is fixed in your first layer. Give it in_channels, so that colour images will do, too.",
    known="nn.Conv2d(1, ...) from the many tutorials about MNIST",
)
def channels_fixed(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(1, num_classes)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Your network gives 10 logits for each image, however many classes there are. Give num_classes to the last layer.",
    known="nn.Linear(..., 10) from the many tutorials about MNIST and CIFAR-10",
)
def classes_fixed(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, 10)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Your network works for one image only, because all images of a batch are flattened into one long row. Keep the first axis: x.flatten(1) flattens what comes after it.",
    known="x.flatten() or x.view(-1) for x.flatten(1); torch.flatten begins at axis 0, nn.Flatten at axis 1",
)
def batch_flattened_too(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.classifier(x.flatten())

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="For a batch of one image, the batch's axis is lost. squeeze() without an axis removes every axis of length 1, that of the batch, too: use flatten(1), or name the axes.",
    known="squeeze() after global average pooling",
)
def result_squeezed(right):
    return _ending_with(right, torch.squeeze)


@mistake(
    of="SmallCNN",
    hint="You give more rows of logits than there are images: a view or reshape with -1 in front cuts each image into several rows. Keep the first axis as it is: x.flatten(1) or x.view(len(x), -1).",
    known="'Expected input batch_size (...) to match target batch_size (...)', a question of PyTorch's forum",
)
def images_cut_into_rows(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            self.classifier = nn.Linear(16, num_classes)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.classifier(x.view(-1, 16))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="A fully connected layer, or a view, expects another number of features than it gets. It should be channels x height x width of the maps that come before: print x.shape there, for an image of 8x8.",
    known="'mat1 and mat2 shapes cannot be multiplied', the best known error of beginners with CNNs in PyTorch",
)
def flatten_size_wrong(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            self.classifier = nn.Linear(16 * 4 * 4, num_classes)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="A layer does not fit what comes in: a convolution (or a normalisation) must take as many channels as the layer before it gives, and the first one as many as the image has.",
    known="'expected input ... to have ... channels, but got ... channels instead', a question of PyTorch's forum",
)
def channels_do_not_chain(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            self.conv2 = nn.Conv2d(in_channels, 16, 3, padding=1)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Your feature maps become smaller than a kernel or a window: the network was made for larger images. For images of 8x8, use padding, smaller kernels, or less pooling, and print x.shape after each layer.",
    known="LeNet-5 for 32x32 or 28x28, as in PyTorch's tutorials, taken over for images of 8x8",
)
def made_for_larger_images(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, classes),
        ]
    )  # fmt: skip


@mistake(
    of="SmallCNN",
    hint="You give x to a layer when you make it: nn.ReLU(x) makes a layer, and calls nothing. Either make it in __init__ and call it in forward, or use the function: F.relu(x).",
    known="'conv2d(): argument 'input' must be Tensor, not ReLU', a question of PyTorch's forum",
)
def layer_made_of_its_input(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = nn.ReLU(self.conv1(x))
            x = F.max_pool2d(F.relu(self.conv2(x)), 4)
            return self.classifier(x.flatten(1))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="One of your layers lacks its parentheses: nn.ReLU is a class, and nn.ReLU() makes a layer of it. Write nn.ReLU().",
    known="'torch.nn.modules.activation.ReLU is not a Module subclass', a question of PyTorch's forum",
)
def relu_without_parentheses(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, classes)
        ]
    )  # fmt: skip


@mistake(
    of="SmallCNN",
    hint="Your dropout goes on in evaluation mode. F.dropout does not know the mode: give it training=self.training, or use nn.Dropout as a layer.",
    known="'nn.Dropout vs. F.dropout', a question of Stack Overflow; training=True is the default of F.dropout",
)
def dropout_in_evaluation(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.dropout(F.max_pool2d(F.relu(self.conv2(x)), 2), 0.3)
            return self.classifier(x.flatten(1))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="In evaluation mode, your batch normalisation still uses mean and variance of the batch at hand, so that an image's logits depend on its neighbours. It should use what it has learned: that is what nn.BatchNorm2d does by itself.",
    known="track_running_stats=False; F.batch_norm with training=True",
)
def batch_statistics_in_evaluation(right):
    return _class_of(
        lambda channels, classes: [
            nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8, track_running_stats=False), nn.ReLU(),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, classes),
        ]
    )  # fmt: skip


@mistake(
    of="SmallCNN",
    hint="A view or reshape mixes numbers of different images. It reads the numbers in their order and never exchanges axes: keep the axis of the batch in front, and use permute or transpose where axes have to change places.",
    known="the sixth of Karpathy's list: view() and permute() taken for the same thing",
)
def images_mixed_up(right):
    class SmallCNN(right.SmallCNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.classifier(x.transpose(0, 1).reshape(-1, 64))

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="Before training, your network is very sure of wrong answers: its logits are far too large. Leave the weights as PyTorch makes them, or make them small, and do not multiply the images up.",
    known="weights from torch.randn without a factor; images multiplied by 255",
)
def first_logits_too_large(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            for parameter in self.parameters():
                nn.init.normal_(parameter)

    return SmallCNN


@mistake(
    of="SmallCNN",
    hint="All filters of a convolution start with the same weights. They then get the same gradients and stay alike for ever, as if there were only one of them. Let weights start at random, as PyTorch does by itself.",
    known="CS231n notes, 'Pitfall: all zero initialization'",
)
def filters_all_alike(right):
    class SmallCNN(right.SmallCNN):
        def __init__(self, in_channels=1, num_classes=10):
            super().__init__(in_channels, num_classes)
            for parameter in self.parameters():
                nn.init.zeros_(parameter)

    return SmallCNN


# load_numpy_conv


def _fill(conv, weight, bias):
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(weight))
        if bias is not None:
            conv.bias.copy_(torch.from_numpy(bias))


@mistake(
    of="load_numpy_conv",
    hint="The kernels arrive turned by 180 degrees. nn.Conv2d does not turn kernels either: give it the numbers as they are.",
    known="the mathematician's convolution, as in scipy.signal.convolve2d",
)
def kernels_turned(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight[:, :, ::-1, ::-1].copy(), bias)


@mistake(
    of="load_numpy_conv",
    hint="Rows and columns of the kernels are exchanged. Both layouts are (C_out, C_in, kH, kW): no transpose is needed.",
    known="a transpose that frameworks with another layout would need",
)
def kernels_transposed(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    _fill(conv, weight.swapaxes(2, 3), bias)


@mistake(
    of="load_numpy_conv",
    hint="Filters and channels of the weight are exchanged. Both layouts are (C_out, C_in, kH, kW): no transpose is needed.",
    known="weights from TensorFlow, (kH, kW, C_in, C_out), do need a transpose",
)
def filters_and_channels_swapped(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    _fill(conv, weight.swapaxes(0, 1), bias)


@mistake(
    of="load_numpy_conv",
    hint="The numbers pass through float32 on their way, and lose half of their digits in a float64 layer. Let the layer's own dtype decide: torch.from_numpy keeps float64, and copy_ converts if it has to.",
    known="torch.Tensor(array), torch.FloatTensor(array) and .float(), which many tutorials use",
)
def rounded_to_float32(right, conv, weight, bias):
    rounded = [None if array is None else array.astype(np.float32).astype(np.float64) for array in (weight, bias)]
    right.load_numpy_conv(conv, *rounded)


@mistake(
    of="load_numpy_conv",
    hint="The layer's bias stays what it was. Fill it, too, if there is one.",
    known="only the weight is loaded",
)
def bias_forgotten(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, None if conv.bias is None else conv.bias.detach().numpy().copy())


@mistake(
    of="load_numpy_conv",
    hint="You use the bias although it may be None, for a layer that was made with bias=False. Ask first: if bias is not None.",
    known="bias=False is usual before batch normalisation",
)
def bias_never_none(right, conv, weight, bias):
    _ = bias.shape
    right.load_numpy_conv(conv, weight, bias)


@mistake(
    of="load_numpy_conv",
    hint="The layer's numbers are still what they were before. You fill a copy, or give a new value to a local name: fill conv.weight itself, in place.",
    known="for parameter in conv.parameters(): parameter = ...; conv.weight.clone().copy_(...)",
)
def layer_left_as_it_was(right, conv, weight, bias):
    right.load_numpy_conv(copy.deepcopy(conv), weight, bias)


@mistake(
    of="load_numpy_conv",
    hint="Layer and array share their memory: when one changes, the other does. torch.from_numpy copies nothing, and .data takes it as it is. Copy the numbers into the layer's own memory, with copy_.",
    known="documentation of torch.from_numpy",
)
def memory_shared(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    conv.weight.data = torch.from_numpy(weight).to(conv.weight.dtype)
    if bias is not None:
        conv.bias.data = torch.from_numpy(bias).to(conv.bias.dtype)


@mistake(
    of="load_numpy_conv",
    hint="A float32 layer becomes a float64 layer, which refuses float32 images. Numpy's arrays are float64: fill the layer's own memory with copy_, which converts, or convert to conv.weight.dtype.",
    known="'expected scalar type Double but found Float', a question of PyTorch's forum",
)
def layer_becomes_float64(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    conv.weight.data = torch.tensor(weight)
    if bias is not None:
        conv.bias.data = torch.tensor(bias)


@mistake(
    of="load_numpy_conv",
    hint="You put new parameters in the place of the layer's own. An optimizer that holds the old ones would go on training these, in vain: fill the parameters that are there.",
    known="conv.weight = nn.Parameter(...), the first answer of many forum threads",
)
def parameters_replaced(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    conv.weight = nn.Parameter(torch.tensor(weight, dtype=conv.weight.dtype))
    if bias is not None:
        conv.bias = nn.Parameter(torch.tensor(bias, dtype=conv.bias.dtype))


@mistake(
    of="load_numpy_conv",
    hint="After loading, the layer does not learn any more: its parameters no longer collect gradients. Put the filling into torch.no_grad(), and leave requires_grad as it is.",
    known="requires_grad = False to make the in-place change possible, and not set back",
)
def parameters_frozen(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    conv.requires_grad_(False)


@mistake(
    of="load_numpy_conv",
    hint="You change a parameter in place, with copy_ or by assigning to its elements, while gradients are on, and PyTorch refuses that. Do it within torch.no_grad().",
    known="'Leaf variable was used in an inplace operation', PyTorch's forum, thread 308",
)
def filled_with_gradients_on(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    conv.weight.copy_(torch.from_numpy(weight))


@mistake(
    of="load_numpy_conv",
    hint="You assign a tensor to conv.weight, which must stay a parameter. Fill it instead, in place: copy_ within torch.no_grad() does it.",
    known="'cannot assign ... as parameter 'weight'', a question of PyTorch's forum",
)
def tensor_assigned_to_the_weight(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight, bias)
    conv.weight = torch.from_numpy(weight)


@mistake(
    of="load_numpy_conv",
    hint="You do not compare shapes. copy_ stretches arrays of size 1 to fit, without a word, and for others raises an error of its own: raise a ValueError unless the shapes are the same.",
    known="numpy's broadcasting, which copy_ has, too",
)
def shapes_not_checked(right, conv, weight, bias):
    _fill(conv, weight, bias)


@mistake(
    of="load_numpy_conv",
    hint="You compare the shape of the weight, but not that of the bias. A bias of one number would be given to all filters, without a word.",
    known="the bias looks too small to be wrong",
)
def shape_of_the_bias_not_checked(right, conv, weight, bias):
    if weight.shape != tuple(conv.weight.shape):
        raise ValueError(weight.shape)
    _fill(conv, weight, bias)


@mistake(
    of="load_numpy_conv",
    hint="You compare the numbers of filters and channels, but not the size of the kernels. Compare the whole shape.",
    known="conv.out_channels and conv.in_channels compared",
)
def kernel_size_not_checked(right, conv, weight, bias):
    if weight.shape[:2] != (conv.out_channels, conv.in_channels) or (bias is not None and len(bias) != len(conv.bias)):
        raise ValueError(weight.shape)
    _fill(conv, weight, bias)


@mistake(
    of="load_numpy_conv",
    hint="You take any array with the right number of numbers, and reshape it. In another shape, the numbers end up in wrong places: compare the shapes themselves.",
    known="reshape to make the error go away; numel compared",
)
def weight_reshaped_to_fit(right, conv, weight, bias):
    right.load_numpy_conv(conv, weight.reshape(tuple(conv.weight.shape)), bias)


@mistake(
    of="load_numpy_conv",
    hint="A wrong shape raises AssertionError. The task asks for ValueError: raise it yourself. An assert is a note to yourself, and python -O leaves it out.",
    known="assert for checking arguments",
)
def shapes_asserted(right, conv, weight, bias):
    assert weight.shape == tuple(conv.weight.shape)
    assert bias is None or bias.shape == tuple(conv.bias.shape)
    _fill(conv, weight, bias)


@mistake(
    of="load_numpy_conv",
    hint="For a wrong shape you return without a word, and whoever calls believes that the weights are loaded. Raise a ValueError.",
    known="return or print in place of raise",
)
def wrong_shapes_ignored(right, conv, weight, bias):
    try:
        right.load_numpy_conv(conv, weight, bias)
    except ValueError:
        return


@mistake(
    of="load_numpy_conv",
    hint="When the bias has a wrong shape, you notice it only after the weight is filled, and leave a layer that is half loaded. Compare both shapes before you change anything.",
    known="check and copy the weight, then check and copy the bias",
)
def weight_filled_before_the_bias_is_checked(right, conv, weight, bias):
    if weight.shape != tuple(conv.weight.shape):
        raise ValueError(weight.shape)
    _fill(conv, weight, None)
    right.load_numpy_conv(conv, weight, bias)


# train_one_epoch


def _epoch(model, loader, loss_fn, update, prepare=nn.Module.train):
    """Mean loss per sample; `update(loss)` is what is done in each batch."""
    prepare(model)
    total, samples = 0.0, 0
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        update(loss)
        total += loss.item() * len(targets)
        samples += len(targets)
    return total / samples


def _batches(model, loader, optimizer, loss_fn):
    """Train as one should; the mean loss and the size of each batch."""
    model.train()
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item(), len(targets)


@mistake(
    of="train_one_epoch",
    hint="Gradients are never set to zero, so that each step follows the sum of all gradients so far. Call optimizer.zero_grad() once per batch.",
    known="the third of Karpathy's list",
)
def gradients_never_cleared(right, model, loader, optimizer, loss_fn):
    def update(loss):
        loss.backward()
        optimizer.step()

    return _epoch(model, loader, loss_fn, update)


@mistake(
    of="train_one_epoch",
    hint="Gradients are set to zero once per epoch only, so that each step follows the sum of the epoch's gradients so far. Move optimizer.zero_grad() into the loop.",
    known="zero_grad() before the loop over the batches",
)
def gradients_cleared_once(right, model, loader, optimizer, loss_fn):
    optimizer.zero_grad()
    return gradients_never_cleared(right, model, loader, optimizer, loss_fn)


@mistake(
    of="train_one_epoch",
    hint="optimizer.zero_grad() stands between backward and step: it throws away what backward has just computed, and the weights never change. Before backward or after step, it does no harm.",
    known="the circle of the lecture, 'Recall week 2: Optimizers', in a wrong order",
)
def cleared_before_the_step(right, model, loader, optimizer, loss_fn):
    def update(loss):
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()

    return _epoch(model, loader, loss_fn, update)


@mistake(
    of="train_one_epoch",
    hint="You call step before backward, when there is no gradient of this batch yet. First loss.backward(), then optimizer.step().",
    known="the circle of the lecture, 'Recall week 2: Optimizers', in a wrong order",
)
def step_before_backward(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        optimizer.step()
        loss.backward()

    return _epoch(model, loader, loss_fn, update)


@mistake(
    of="train_one_epoch",
    hint="The weights never change, because no step is made. After loss.backward() call optimizer.step(), with its parentheses.",
    known="optimizer.step forgotten, or written without ()",
)
def never_steps(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        loss.backward()

    return _epoch(model, loader, loss_fn, update)


@mistake(
    of="train_one_epoch",
    hint="No gradient ever reaches the weights, so that they never change. Call backward(), with its parentheses, on the very loss that loss_fn returned, not on a new tensor with its value.",
    known="loss.backward forgotten; torch.tensor(loss, requires_grad=True), advice often found for 'does not require grad'",
)
def never_backward(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        optimizer.step()

    return _epoch(model, loader, loss_fn, update)


@mistake(
    of="train_one_epoch",
    hint="You make one step per epoch, with the gradient of the last batch. Move optimizer.step() into the loop: one step per batch.",
    known="optimizer.step() with too little indentation",
)
def one_step_after_the_loop(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        loss.backward()

    mean = _epoch(model, loader, loss_fn, update)
    optimizer.step()
    return mean


@mistake(
    of="train_one_epoch",
    hint="You add up the gradients of all batches and make one step per epoch. Make one step per batch, each with this batch's gradient only.",
    known="gradient accumulation; backward on the sum of all losses",
)
def one_step_for_all_batches(right, model, loader, optimizer, loss_fn):
    optimizer.zero_grad()
    mean = _epoch(model, loader, loss_fn, torch.Tensor.backward)
    optimizer.step()
    return mean


@mistake(
    of="train_one_epoch",
    hint="You make one step per sample. Hand the whole batch to the model and to the loss, and make one step per batch.",
    known="stochastic gradient descent in its first sense, one example at a time",
)
def one_step_per_sample(right, model, loader, optimizer, loss_fn):
    samples = ((inputs[i : i + 1], targets[i : i + 1]) for inputs, targets in loader for i in range(len(targets)))
    return right.train_one_epoch(model, samples, optimizer, loss_fn)


@mistake(
    of="train_one_epoch",
    hint="You make two steps per batch with the same gradient, so that each is twice as long as it should be. Call optimizer.step() once per batch.",
    known="a cell that was edited twice",
)
def two_steps_per_batch(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        optimizer.step()

    return _epoch(model, loader, loss_fn, update)


@mistake(
    of="train_one_epoch",
    hint="You call backward on the sum of all losses so far. That walks again through parts of earlier batches that are already gone. Call it on the loss of the present batch.",
    known="'Trying to backward through the graph a second time', a question of PyTorch's forum",
)
def running_total_backward(right, model, loader, optimizer, loss_fn):
    model.train()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        total = total + loss_fn(model(inputs), targets)
        samples += len(targets)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    return total.item() / samples


@mistake(
    of="train_one_epoch",
    hint="The forward pass runs with gradients off, so that there is nothing to go back along. torch.no_grad() belongs into evaluate, not here.",
    known="'element 0 of tensors does not require grad', a question of PyTorch's forum",
)
def gradients_off_in_training(right, model, loader, optimizer, loss_fn):
    with torch.no_grad():
        return right.train_one_epoch(model, loader, optimizer, loss_fn)


@mistake(
    of="train_one_epoch",
    hint="You train with an optimizer of your own. Use the one that is given: it knows its learning rate, and what it remembers from earlier steps.",
    known="torch.optim.Adam(model.parameters()) copied into the function",
)
def own_optimizer(right, model, loader, optimizer, loss_fn):
    return right.train_one_epoch(model, loader, torch.optim.Adam(model.parameters()), loss_fn)


@mistake(
    of="train_one_epoch",
    hint="You compute the loss in your own way, such as with F.cross_entropy, whatever loss is asked for. Call loss_fn, and go backward from what it returns.",
    known="F.cross_entropy copied from the cells above",
)
def loss_fn_ignored(right, model, loader, optimizer, loss_fn):
    return right.train_one_epoch(model, loader, optimizer, F.cross_entropy)


@mistake(
    of="train_one_epoch",
    hint="You hand targets and predictions to the loss in the wrong order. Predictions come first: loss_fn(predictions, targets).",
    known="scikit-learn's metrics take the true values first",
)
def loss_arguments_swapped(right, model, loader, optimizer, loss_fn):
    return right.train_one_epoch(model, loader, optimizer, lambda predictions, targets: loss_fn(targets, predictions))


@mistake(
    of="train_one_epoch",
    hint="You divide the loss by the size of the batch before backward. loss_fn gives the mean already, so that your steps are too short.",
    known="the 1/N of the loss, taken twice",
)
def loss_divided_by_batch_size(right, model, loader, optimizer, loss_fn):
    return right.train_one_epoch(
        model, loader, optimizer, lambda predictions, targets: loss_fn(predictions, targets) / len(targets)
    )


@mistake(
    of="train_one_epoch",
    hint="You leave the model in the mode in which it arrives. Dropout and batch normalisation must know that they learn: call model.train() first.",
    known="the second of Karpathy's list",
)
def training_mode_not_set(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return _epoch(model, loader, loss_fn, update, prepare=lambda model: None)


@mistake(
    of="train_one_epoch",
    hint="The model learns in evaluation mode, without dropout, and its batch normalisation learns nothing. Call model.train() before the loop; model.eval() belongs into evaluate.",
    known="the second of Karpathy's list; model.eval() copied from evaluate",
)
def evaluation_mode_in_training(right, model, loader, optimizer, loss_fn):
    def update(loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return _epoch(model, loader, loss_fn, update, prepare=nn.Module.eval)


@mistake(
    of="train_one_epoch",
    hint="You take the mean of the batches' means. A sample of a small last batch then counts more than others: multiply each batch's loss by its size, add up, and divide once by the number of samples.",
    known="running_loss / len(loader), as in many tutorials; 'How is the loss for an epoch reported?', PyTorch's forum",
)
def mean_of_batch_means(right, model, loader, optimizer, loss_fn):
    losses = [loss for loss, _ in _batches(model, loader, optimizer, loss_fn)]
    return sum(losses) / len(losses)


@mistake(
    of="train_one_epoch",
    hint="You add up the batches' losses, and do not divide. What is asked for is the mean over all samples.",
    known="running_loss += loss.item(), returned as it is",
)
def sum_of_batch_losses(right, model, loader, optimizer, loss_fn):
    return sum(loss for loss, _ in _batches(model, loader, optimizer, loss_fn))


@mistake(
    of="train_one_epoch",
    hint="You give the sum of the losses of all samples. What is asked for is their mean: divide by the number of samples.",
    known="the division forgotten",
)
def sum_of_sample_losses(right, model, loader, optimizer, loss_fn):
    return sum(loss * size for loss, size in _batches(model, loader, optimizer, loss_fn))


@mistake(
    of="train_one_epoch",
    hint="You add up the losses of all samples, and divide by the number of batches. Divide by the number of samples.",
    known="len(loader) taken for the number of samples",
)
def sample_losses_divided_by_batches(right, model, loader, optimizer, loss_fn):
    pairs = list(_batches(model, loader, optimizer, loss_fn))
    return sum(loss * size for loss, size in pairs) / len(pairs)


@mistake(
    of="train_one_epoch",
    hint="You add up one number per batch, the batch's mean, and divide by the number of samples. Multiply each batch's mean by its size first.",
    known="running_loss / len(loader.dataset), without the batch's size",
)
def batch_losses_divided_by_samples(right, model, loader, optimizer, loss_fn):
    pairs = list(_batches(model, loader, optimizer, loss_fn))
    return sum(loss for loss, _ in pairs) / sum(size for _, size in pairs)


@mistake(
    of="train_one_epoch",
    hint="You return the loss of the last batch. What is asked for is the mean over all samples of the epoch.",
    known="return loss.item() after the loop",
)
def loss_of_the_last_batch(right, model, loader, optimizer, loss_fn):
    return list(_batches(model, loader, optimizer, loss_fn))[-1][0]


@mistake(
    of="train_one_epoch",
    hint="Only the first batch is learned, because the function returns within its loop. Move the return out of the loop.",
    known="return with too much indentation",
)
def first_batch_only(right, model, loader, optimizer, loss_fn):
    return next(_batches(model, loader, optimizer, loss_fn))[0]


@mistake(
    of="train_one_epoch",
    hint="You measure each batch's loss after the step that it has caused. It should be the loss that the batch had when it was its turn, before its step.",
    known="loss_fn(model(inputs), targets) computed anew for the report",
)
def loss_after_the_step(right, model, loader, optimizer, loss_fn):
    total, samples = 0.0, 0
    for inputs, targets in loader:
        right.train_one_epoch(model, [(inputs, targets)], optimizer, loss_fn)
        total += loss_fn(model(inputs), targets).item() * len(targets)
        samples += len(targets)
    return total / samples


@mistake(
    of="train_one_epoch",
    hint="You return a tensor. One with a history holds on to all that it was computed from: use loss.item(), which is a number.",
    known="total += loss; 'My model reports out of memory', PyTorch's FAQ",
)
def tensor_returned(right, model, loader, optimizer, loss_fn):
    return torch.tensor(right.train_one_epoch(model, loader, optimizer, loss_fn), dtype=torch.float64)


@mistake(
    of="train_one_epoch",
    hint="You return the losses of all batches, in a list. What is asked for is one number: the mean over all samples.",
    known="a list of losses to plot",
)
def list_of_losses(right, model, loader, optimizer, loss_fn):
    return [loss for loss, _ in _batches(model, loader, optimizer, loss_fn)]


# evaluate


def _share(model, loader):
    """Share of right answers, in whatever mode the model is, and with gradients on or off."""
    right, samples = 0, 0
    for inputs, targets in loader:
        right += int((model(inputs).argmax(dim=1) == targets).sum())
        samples += len(targets)
    return right / samples


def _measured(model, loader, compare):
    """Share of samples for which `compare(logits, targets)` holds."""
    was_training = model.training
    model.eval()
    count, samples = 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            count += int(compare(model(inputs), targets).sum())
            samples += len(targets)
    model.train(was_training)
    return count / samples


def _counts(right, model, loader):
    """Right answers and size of each batch."""
    return [
        (round(right.evaluate(model, [(inputs, targets)]) * len(targets)), len(targets)) for inputs, targets in loader
    ]


@mistake(
    of="evaluate",
    hint="The model is called in the mode in which it arrives, which may be training mode: dropout guesses, and batch normalisation learns from the test set. Call model.eval() first, with its parentheses.",
    known="the second of Karpathy's list",
)
def evaluation_mode_not_set(right, model, loader):
    with torch.no_grad():
        return _share(model, loader)


@mistake(
    of="evaluate",
    hint="The model is called in training mode. Call model.eval() before the loop, and set the old mode back after it.",
    known="model.train() copied from train_one_epoch",
)
def training_mode_in_evaluate(right, model, loader):
    was_training = model.training
    model.train()
    with torch.no_grad():
        share = _share(model, loader)
    model.train(was_training)
    return share


@mistake(
    of="evaluate",
    hint="Gradients are on while you measure, which costs time and memory for nothing. Put the loop into torch.no_grad() or torch.inference_mode().",
    known="model.eval() taken for no_grad(); 'model.eval() vs with torch.no_grad()', PyTorch's forum",
)
def gradients_left_on(right, model, loader):
    was_training = model.training
    model.eval()
    share = _share(model, loader)
    model.train(was_training)
    return share


@mistake(
    of="evaluate",
    hint="You switch gradients off for good, so that whoever trains afterwards cannot. Use a with statement, torch.no_grad(), which ends by itself.",
    known="torch.set_grad_enabled(False) as a statement",
)
def gradients_off_for_good(right, model, loader):
    torch.set_grad_enabled(False)
    return right.evaluate(model, loader)


@mistake(
    of="evaluate",
    hint="The model stays in evaluation mode. Remember model.training before you change it, and set it back at the end.",
    known="the second of Karpathy's list: toggling back forgotten",
)
def mode_not_restored(right, model, loader):
    model.eval()
    with torch.no_grad():
        return _share(model, loader)


@mistake(
    of="evaluate",
    hint="You put the model into training mode at the end, whatever mode it came in. Remember model.training before you change it, and set that back.",
    known="model.train() as the last line",
)
def always_left_in_training_mode(right, model, loader):
    share = right.evaluate(model, loader)
    model.train()
    return share


@mistake(
    of="evaluate",
    hint="You set back the mode of the model itself, but its layers stay in evaluation mode. model.train(mode) sets both; assigning to model.training does not.",
    known="model.training = was_training",
)
def mode_of_the_layers_not_restored(right, model, loader):
    was_training = model.training
    model.eval()
    share = right.evaluate(model, loader)
    model.training = was_training
    return share


@mistake(
    of="evaluate",
    hint="You take the mean of the batches' accuracies. A sample of a small last batch then counts more than others: count right answers and samples, and divide once at the end.",
    known="accuracy += (...).mean(), divided by len(loader)",
)
def mean_of_batch_accuracies(right, model, loader):
    return float(np.mean([count / size for count, size in _counts(right, model, loader)]))


@mistake(
    of="evaluate",
    hint="Your accuracy is in per cent. It should be a share, from 0 to 1.",
    known="100 * correct / total, as in PyTorch's CIFAR-10 tutorial",
)
def in_per_cent(right, model, loader):
    return 100 * right.evaluate(model, loader)


@mistake(
    of="evaluate",
    hint="You return the number of right answers. Divide it by the number of samples.",
    known="the division forgotten",
)
def number_of_right_answers(right, model, loader):
    return float(sum(count for count, _ in _counts(right, model, loader)))


@mistake(
    of="evaluate",
    hint="You return the share of wrong answers. The accuracy is the share of right ones.",
    known="!= for ==; error rate and accuracy mixed up",
)
def error_rate(right, model, loader):
    return 1 - right.evaluate(model, loader)


@mistake(
    of="evaluate",
    hint="You divide the number of right answers by the number of batches. Divide by the number of samples.",
    known="len(loader) taken for the number of samples",
)
def divided_by_batches(right, model, loader):
    counts = _counts(right, model, loader)
    return sum(count for count, _ in counts) / len(counts)


@mistake(
    of="evaluate",
    hint="You count every batch as if it were as large as the first. The last one is often smaller: add up len(targets).",
    known="len(loader) * batch_size taken for the number of samples",
)
def last_batch_counted_as_full(right, model, loader):
    counts = _counts(right, model, loader)
    return sum(count for count, _ in counts) / (len(counts) * counts[0][1])


@mistake(
    of="evaluate",
    hint="Your accuracy is that of the last batch only. Begin counting before the loop, and add up within it.",
    known="counters set to 0 within the loop",
)
def last_batch_only(right, model, loader):
    count, size = _counts(right, model, loader)[-1]
    return count / size


@mistake(
    of="evaluate",
    hint="Your accuracy is that of the first batch only, because the function returns within its loop. Move the return out of the loop.",
    known="return with too much indentation; next(iter(loader))",
)
def only_the_first_batch(right, model, loader):
    return right.evaluate(model, [next(iter(loader))])


@mistake(
    of="evaluate",
    hint="You look for the largest logit over the images of the batch instead of over the classes. The classes are axis 1.",
    known="argmax(dim=0) for argmax(dim=1)",
)
def largest_over_the_batch(right, model, loader):
    return _measured(model, loader, lambda logits, targets: logits.argmax(dim=0) == targets)


@mistake(
    of="evaluate",
    hint="argmax without an axis gives one number for the whole batch: the place of its largest logit. Name the axis of the classes: argmax(dim=1).",
    known="argmax() for argmax(dim=1), as one would write it for a single image",
)
def largest_of_all_logits(right, model, loader):
    return _measured(model, loader, lambda logits, targets: logits.argmax() == targets)


@mistake(
    of="evaluate",
    hint="You compare the largest logits themselves with the targets. What counts is where they are: torch.max gives values first and indices second; argmax gives the indices.",
    known="torch.max(outputs, 1), of which PyTorch's tutorials use the second part",
)
def logits_compared(right, model, loader):
    return _measured(model, loader, lambda logits, targets: logits.max(dim=1).values == targets)


@mistake(
    of="evaluate",
    hint="Your accuracy is a whole number, so that it is 0 unless every answer is right. Divide with / and not with //.",
    known="// for /; int() around the result",
)
def divided_without_fraction(right, model, loader):
    return int(right.evaluate(model, loader))


@mistake(
    of="evaluate",
    hint="Your accuracy is rounded to two digits. Return it as it is; rounding belongs where it is printed.",
    known="round(accuracy, 2)",
)
def rounded(right, model, loader):
    return round(right.evaluate(model, loader), 2)


@mistake(
    of=("train_one_epoch", "evaluate"),
    hint="You take something from the loader that only a DataLoader has, such as its dataset. The loader may be any iterable of batches, also a list: count samples with len(targets).",
    known="len(loader.dataset), as in PyTorch's tutorials",
)
def loader_must_be_a_dataloader(right, model, loader, *rest):
    _ = len(loader.dataset)
    return (right.train_one_epoch if rest else right.evaluate)(model, loader, *rest)


@mistake(
    of=("train_one_epoch", "evaluate", "count_parameters"),
    hint="Your function returns None. Return the number, instead of printing it or of leaving it in a variable.",
    known="print in place of return",
)
def returns_nothing(right, model, *rest):
    {0: right.count_parameters, 1: right.evaluate, 3: right.train_one_epoch}[len(rest)](model, *rest)


# count_parameters


@mistake(
    of="count_parameters",
    hint="You count frozen parameters, too. Leave out those whose requires_grad is False.",
    known="sum(p.numel() for p in model.parameters()), the first answer on Stack Overflow",
)
def frozen_counted(right, model):
    return sum(parameter.numel() for parameter in model.parameters())


@mistake(
    of="count_parameters",
    hint="You leave the biases out. They learn, too.",
    known="F * F * D1 * K without the + K of the slide",
)
def biases_left_out(right, model):
    return sum(
        parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and not name.endswith("bias")
    )


@mistake(
    of="count_parameters",
    hint="You count buffers, too, such as the running means of batch normalisation. They are no parameters: no optimizer changes them.",
    known="Keras, which counts the moving averages of batch normalisation among the parameters",
)
def buffers_counted(right, model):
    return right.count_parameters(model) + sum(buffer.numel() for buffer in model.buffers())


@mistake(
    of="count_parameters",
    hint="You count the tensors. Count the numbers in them: numel().",
    known="len(list(model.parameters()))",
)
def tensors_counted(right, model):
    return sum(parameter.requires_grad for parameter in model.parameters())


@mistake(
    of="count_parameters",
    hint="You add up the lengths of the parameters' first axes. Count all their numbers: numel().",
    known="len(parameter), which for a tensor is the length of its first axis",
)
def first_axes_counted(right, model):
    return sum(len(parameter) for parameter in model.parameters() if parameter.requires_grad)


@mistake(
    of="count_parameters",
    hint="A weight that two layers share is counted twice. model.parameters() of the whole model gives it once.",
    known="adding up module by module",
)
def shared_counted_twice(right, model):
    return sum(
        parameter.numel()
        for module in model.modules()
        for parameter in module.parameters(recurse=False)
        if parameter.requires_grad
    )


@mistake(
    of="count_parameters",
    hint="You count everything that state_dict() holds: frozen parameters, the running means of batch normalisation, and shared weights once for each layer. Go through model.parameters().",
    known="the size of a saved file taken for the number of parameters",
)
def state_dict_counted(right, model):
    return sum(value.numel() for value in model.state_dict().values())


@mistake(
    of="count_parameters",
    hint="You count the parameters of inner layers again for each module that they are in. model.parameters() goes through all layers by itself, however deep.",
    known="module.parameters() for each of model.modules()",
)
def inner_layers_counted_again(right, model):
    return sum(
        parameter.numel() for module in model.modules() for parameter in module.parameters() if parameter.requires_grad
    )


@mistake(
    of="count_parameters",
    hint="You count the model's own layers, but not the layers within them. model.parameters() goes through all layers by itself, however deep.",
    known="a loop over model.children() that looks at weight and bias",
)
def inner_layers_left_out(right, model):
    own = {
        parameter
        for child in model.children()
        for parameter in child.parameters(recurse=False)
        if parameter.requires_grad
    }
    return sum(parameter.numel() for parameter in own)


@mistake(
    of="count_parameters",
    hint="You count convolutions and fully connected layers only. Other layers, such as batch normalisation, have parameters, too.",
    known="isinstance(module, (nn.Conv2d, nn.Linear))",
)
def only_convolutions_and_linear_layers(right, model):
    counted = {
        parameter
        for module in model.modules()
        if isinstance(module, (nn.Conv2d, nn.Linear))
        for parameter in module.parameters()
        if parameter.requires_grad
    }
    return sum(parameter.numel() for parameter in counted)


@mistake(
    of="count_parameters",
    hint="You count a bias for each convolution, although it may have none. Count the parameters that are there.",
    known="(F * F * D1) * K + K of the slide for every convolution",
)
def bias_always_counted(right, model):
    missing = [module for module in model.modules() if isinstance(module, nn.Conv2d) and module.bias is None]
    return right.count_parameters(model) + sum(module.out_channels for module in missing)


@mistake(
    of="count_parameters",
    hint="You give the memory in bytes. Count the numbers, however many bytes each of them takes.",
    known="numel() * element_size(), the answer to 'how large is it?' elsewhere",
)
def bytes_counted(right, model):
    return sum(
        parameter.numel() * parameter.element_size() for parameter in model.parameters() if parameter.requires_grad
    )


@mistake(
    of="count_parameters",
    hint="You count the frozen parameters, and not the trainable ones. Count those whose requires_grad is True.",
    known="not parameter.requires_grad",
)
def only_frozen_counted(right, model):
    return frozen_counted(right, model) - right.count_parameters(model)
