"""Shapes in, shapes out: for every size of image, layout, context and leading dimension."""

import itertools
import warnings

import pytest
import torch
from torch import nn

from aevum import InputError
from aevum.networks import (
    MLP,
    ConvolutionalDecoder,
    ConvolutionalEncoder,
    CustomDecoder,
    CustomEncoder,
    ImageLayout,
    choose_network,
    network_pair,
)
from aevum.networks.convolutional import ConvolutionalBlock

SIDES = [*range(8, 34), 47, 48, 63, 64, 65]
EVENTS = [
    (8, 8),
    (9, 15),
    (28, 20),
    (8, 9, 1),
    (8, 9, 2),
    (13, 8, 3),
    (9, 9, 4),
    (1, 8, 9),
    (2, 11, 8),
    (3, 8, 8),
    (4, 10, 9),
]


def make(name, event, *, latent=3, context=0, parameters=2, hidden=(4, 6)):
    (encoder, decoder), chosen = network_pair(name, hidden, event)
    torch.manual_seed(0)
    assert chosen == {"network": name, "hidden": list(hidden)}
    return (
        encoder(event, (latent,), parameters=2, context=context),
        decoder((latent,), event, parameters=parameters, context=context),
    )


@pytest.mark.parametrize("side", SIDES)
def test_images_of_every_side(side):
    for event in ((side, side), (side, 8), (8, side), (side, side + 1 if side < 65 else side)):
        encoder, decoder = make("convolutional", event, hidden=(2, 3, 2))
        z = encoder(torch.randn(2, *event))
        assert z.shape == (2, 2, 3)
        assert decoder(z[:, 0]).shape == (2, 2, *event)


@pytest.mark.parametrize("levels", range(1, 9))
def test_more_levels_than_the_image_can_be_halved(levels):
    encoder, decoder = make("convolutional", (8, 9), hidden=(2,) * levels)
    assert decoder(encoder(torch.randn(2, 8, 9))[:, 0]).shape == (2, 2, 8, 9)


@pytest.mark.parametrize("event", [(256, 256, 3), (224, 512, 3), (8, 700)], ids=str)
def test_large_images(event):
    encoder, decoder = make("convolutional", event, hidden=(2,) * 6)
    assert decoder(encoder(torch.randn(1, *event))[:, 0]).shape == (1, 2, *event)


@pytest.mark.parametrize("event", EVENTS, ids=str)
@pytest.mark.parametrize("name", ["mlp", "residual", "convolutional"])
@pytest.mark.parametrize("parameters", [1, 2, 3])
@pytest.mark.parametrize("context", [0, 5])
def test_every_layout(event, name, parameters, context):
    encoder, decoder = make(name, event, parameters=parameters, context=context)
    x, y = torch.randn(4, *event), (torch.randn(4, context),) if context else ()
    z = encoder(x, *y)
    assert z.shape == (4, 2, 3)
    assert decoder(z[:, 0], *y).shape == (4, parameters, *event)


@pytest.mark.parametrize("event", [(6,), (8, 9), (8, 9, 3), (3, 8, 9)], ids=str)
@pytest.mark.parametrize("name", ["mlp", "residual", "convolutional"])
@pytest.mark.parametrize("context", [0, 5])
@pytest.mark.parametrize("lead", [(7,), (2, 3), ()])
def test_leading_dimensions_of_a_decoder_equal_a_loop(event, name, context, lead):
    if name == "convolutional" and len(event) == 1:
        pytest.skip("a row is no image")
    _, decoder = make(name, event, context=context)
    z, y = torch.randn(*lead, 4, 3), torch.randn(4, context) if context else None
    together = decoder(z, y)
    assert together.shape == (*lead, 4, 2, *event)
    for index in itertools.product(*map(range, lead)):
        torch.testing.assert_close(together[index], decoder(z[index], y), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["mlp", "residual", "convolutional"])
def test_rows_do_not_mix(name):
    encoder, decoder = make(name, (8, 9))
    x = torch.randn(5, 8, 9)
    z = encoder(x)
    torch.testing.assert_close(encoder(x[2:3]), z[2:3], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(decoder(z[2:3, 0]), decoder(z[:, 0])[2:3], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["mlp", "residual", "convolutional"])
def test_the_context_matters_and_is_required(name):
    for module, value in zip(make(name, (8, 9), context=2), (torch.randn(3, 8, 9), torch.randn(3, 3)), strict=True):
        assert not torch.equal(module(value, torch.zeros(3, 2)), module(value, torch.ones(3, 2)))
        with pytest.raises(TypeError, match="context y"):
            module(value)


def test_a_layout_only_moves_the_channels():
    """The same weights make the same of an image whose channels stand first or last."""
    first, last = make("convolutional", (3, 9, 8)), make("convolutional", (9, 8, 3))
    for a, b in zip(first, last, strict=True):
        b.load_state_dict(a.state_dict())
    x = torch.randn(2, 3, 9, 8)
    z = first[0](x)
    torch.testing.assert_close(last[0](x.permute(0, 2, 3, 1)), z)
    torch.testing.assert_close(last[1](z[:, 0]), first[1](z[:, 0]).permute(0, 1, 3, 4, 2))


def test_one_channel_is_no_channel():
    with_axis, without = make("convolutional", (9, 8, 1)), make("convolutional", (9, 8))
    for a, b in zip(with_axis, without, strict=True):
        b.load_state_dict(a.state_dict())
    x = torch.randn(2, 9, 8)
    torch.testing.assert_close(without[0](x), with_axis[0](x[..., None]))
    torch.testing.assert_close(without[1](x[:, 0, :3]), with_axis[1](x[:, 0, :3])[..., 0])


@pytest.mark.parametrize("event", [*EVENTS, (64, 64, 3), (3, 64, 64), (4, 4, 4)], ids=str)
def test_layouts_there_and_back(event):
    layout = ImageLayout.of(event)
    x = torch.randn(2, *event)
    planes = layout.to_channels_first(x)
    assert planes.shape == (2, layout.channels, layout.height, layout.width)
    assert torch.equal(layout.from_channels_first(planes[:, None])[:, 0], x)


@pytest.mark.parametrize("event", [(5,), (), (5, 8, 9), (8, 9, 5), (2, 3, 4, 5)])
def test_what_is_no_image(event):
    assert ImageLayout.of(event) is None
    assert choose_network(event) == "residual"
    with pytest.raises(InputError, match="at least 8×8"):
        network_pair("convolutional", (4,), event)
    for maker in (ConvolutionalEncoder, ConvolutionalDecoder):
        with pytest.raises(ValueError, match="needs images"):
            maker(event, event)


@pytest.mark.parametrize("event", [(5,), (5, 8, 9), (8, 9, 5)])
def test_what_is_no_image_has_no_default_widths(event):
    with pytest.raises(InputError, match="at least 8×8"):
        network_pair("convolutional", None, event)


@pytest.mark.parametrize("event", [(7, 8), (8, 7), (7, 8, 3), (3, 8, 7)])
def test_sizes_that_are_refused(event):
    with pytest.raises(InputError, match="at least 8×8"):
        network_pair("convolutional", None, event)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ((64, 64, 3), "residual"),
        ((65, 64, 3), "convolutional"),
        ((31, 64), "residual"),
        ((256, 256, 3), "convolutional"),
        ((257, 257), "convolutional"),
        ((224, 512, 3), "convolutional"),
        ((3, 4000, 3000), "convolutional"),
        ((7, 100_000), "residual"),
        ((9,), "residual"),
    ],
)
def test_what_auto_means(event, name):
    assert choose_network(event) == name
    assert network_pair("auto", None, event)[1]["network"] == name


@pytest.mark.parametrize("event", [(8, 8), (28, 28), (64, 64, 3), (65, 33), (256, 256), (224, 512, 3), (1100, 800)])
def test_default_widths_end_on_a_few_pixels(event):
    (encoder, decoder), chosen = network_pair("convolutional", None, event)
    height, width = event[:2]
    for _ in chosen["hidden"]:
        height, width = (height + 1) // 2, (width + 1) // 2
    assert 2 <= max(height, width) <= 5
    assert max(chosen["hidden"]) <= 128
    with torch.device("meta"):
        assert decoder((3,), event)(encoder(event, (3,))(torch.zeros(1, *event))[:, 0]).shape == (1, 1, *event)


def test_unknown_names_are_refused():
    for name in ("deep", None, 3, nn.Linear(1, 1)):
        with pytest.raises(InputError, match=r"network=.*auto, mlp, residual, wide, convolutional"):
            network_pair(name, None, (8,))
    with pytest.raises(InputError, match="hidden="):
        network_pair("convolutional", (), (8, 8))


# -------------------------------------------------------------------- what they compute


@pytest.mark.parametrize("context", [0, 3])
def test_without_hidden_layers_an_mlp_is_affine(context):
    network = MLP((4, 2), (3,), parameters=2, context=context)
    x, d = torch.randn(2, 5, 4, 2)
    y = (torch.randn(5, context),) if context else ()
    zero = network(torch.zeros_like(x), *y)
    torch.testing.assert_close(
        network(x + d, *y) - zero, network(x, *y) + network(d, *y) - 2 * zero, atol=1e-5, rtol=1e-4
    )


def test_residual_blocks_start_as_the_identity():
    network = MLP((6,), (3,), hidden=(8, 8, 8), residual=True)
    h = torch.randn(5, 8)
    for block in network.blocks:
        torch.testing.assert_close(block(h), h)
    shallow = MLP((6,), (3,), hidden=(8,))
    shallow.load_state_dict({name: value for name, value in network.state_dict().items() if "blocks" not in name})
    x = torch.randn(5, 6)
    torch.testing.assert_close(network(x), shallow(x))
    encoder, _ = make("convolutional", (8, 8))
    blocks = [module for module in encoder.modules() if isinstance(module, ConvolutionalBlock)]
    assert blocks
    for block in blocks:
        h = torch.randn(2, block.inner.in_channels, 5, 5)
        torch.testing.assert_close(block(h), h)


def test_residual_blocks_stand_between_equal_widths_only():
    kinds = [type(block).__name__ for block in MLP((6,), (3,), hidden=(8, 8, 4, 4), residual=True).blocks]
    assert kinds == ["ResidualBlock", "Sequential", "ResidualBlock"]


@pytest.mark.parametrize("name", ["mlp", "residual", "convolutional"])
@pytest.mark.parametrize("context", [0, 2])
def test_every_weight_has_a_gradient(name, context):
    encoder, decoder = make(name, (8, 9), context=context)
    y = (torch.randn(3, context),) if context else ()
    with torch.no_grad():  # away from the identity, behind which inner weights have no gradient
        for p in (*encoder.parameters(), *decoder.parameters()):
            p.add_(0.1 * torch.randn_like(p))
    decoder(encoder(torch.randn(3, 8, 9), *y)[:, 0], *y).square().sum().backward()
    for part, module in (("encoder", encoder), ("decoder", decoder)):
        for parameter, value in module.named_parameters():
            assert value.grad is not None, f"{part} {parameter}"
            assert float(value.grad.abs().sum()) > 0, f"{part} {parameter}"


@pytest.mark.parametrize("name", ["mlp", "residual", "convolutional"])
def test_the_decoder_mirrors_the_encoder(name):
    (encoder, decoder), _ = network_pair(name, (4, 6, 8), (8, 9))
    widths = [layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
              for layer in encoder((8, 9), (3,)).modules() if isinstance(layer, (nn.Linear, nn.Conv2d))]  # fmt: skip
    mirrored = [layer.in_features if isinstance(layer, nn.Linear) else layer.in_channels
                for layer in decoder((3,), (8, 9)).modules() if isinstance(layer, (nn.Linear, nn.Conv2d))]  # fmt: skip
    assert {4, 6, 8} <= set(widths)
    assert {4, 6, 8} <= set(mirrored)


# -------------------------------------------------------------------- the user's own


class Own(nn.Module):
    def __init__(self, inputs, outputs, context=0):
        super().__init__()
        self.linear = nn.Linear(inputs + context, outputs)

    def forward(self, x, y=None):
        x = x.flatten(1)
        return self.linear(x if y is None else torch.cat([x, y], 1))


@pytest.mark.parametrize("context", [0, 4])
@pytest.mark.parametrize("lead", [(), (7,), (2, 3)])
def test_a_custom_pair(context, lead):
    encoder = CustomEncoder(Own(6, 5, context), (2, 3), (3,), parameters=2, context=context)
    decoder = CustomDecoder(Own(3, 12, context), (3,), (2, 3), parameters=2, context=context)
    y = torch.randn(4, context) if context else None
    assert encoder(torch.randn(4, 2, 3), y).shape == (4, 2, 3)
    z = torch.randn(*lead, 4, 3)
    together = decoder(z, y)
    assert together.shape == (*lead, 4, 2, 2, 3)
    for index in itertools.product(*map(range, lead)):
        torch.testing.assert_close(together[index], decoder(z[index], y))


def test_a_custom_pair_is_a_copy():
    own = Own(6, 5)
    encoder = CustomEncoder(own, (6,), (3,))
    assert encoder.module is not own
    with torch.no_grad():
        encoder.module.linear.weight.zero_()
    assert bool(own.linear.weight.any())


def test_a_dry_run_changes_no_running_statistics():
    own = nn.Sequential(nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 5))
    encoder = CustomEncoder(own, (6,), (3,))
    assert int(encoder.module[0].num_batches_tracked) == 0
    assert encoder.module.training
    own.eval()
    assert not CustomEncoder(own, (6,), (3,)).module.training


def test_a_custom_pair_that_does_not_fit():
    with pytest.raises(InputError, match=r"your decoder makes \(5,\), 5 numbers.*2 × \(6,\) = 12"):
        CustomDecoder(nn.Linear(3, 5), (3,), (6,), parameters=2)
    with pytest.raises(InputError, match="your encoder failed on x"):
        CustomEncoder(nn.Linear(5, 3), (6,), (3,))
    for returned in (lambda x: (x, x), lambda x: x.sum(), lambda x: x[0], lambda x: None):
        module = nn.Identity()
        module.forward = returned
        with pytest.raises(InputError, match="must return a tensor"):
            CustomEncoder(module, (6,), (3,))
    for pair in ((nn.Linear(1, 1),), (1, 2), [], [nn.Linear(1, 1)] * 3):
        with pytest.raises(InputError, match="pair must be"):
            network_pair(pair, None, (6,))


def test_a_pair_that_pytorch_only_warns_about_still_works():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder = CustomEncoder(nn.Sequential(nn.Flatten(), nn.LazyLinear(4)), (2, 3), (3,))
    assert encoder(torch.zeros(5, 2, 3)).shape == (5, 1, 3)
