"""Tensors to tensors: networks know no probability."""

from aevum.networks.build import NETWORKS, choose_network, network_pair
from aevum.networks.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from aevum.networks.custom import CustomDecoder, CustomEncoder
from aevum.networks.layout import ImageLayout
from aevum.networks.mlp import MLP
from aevum.networks.wide import Wide

__all__ = [
    "MLP",
    "NETWORKS",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "CustomDecoder",
    "CustomEncoder",
    "ImageLayout",
    "Wide",
    "choose_network",
    "network_pair",
]
