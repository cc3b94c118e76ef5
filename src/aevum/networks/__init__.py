"""Tensors to tensors: networks know no probability."""

from aevum.networks.build import NETWORKS, choose_network, network_pair
from aevum.networks.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from aevum.networks.custom import CustomDecoder, CustomEncoder
from aevum.networks.layout import ImageLayout
from aevum.networks.mlp import MLP

__all__ = [
    "MLP",
    "NETWORKS",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "CustomDecoder",
    "CustomEncoder",
    "ImageLayout",
    "choose_network",
    "network_pair",
]
