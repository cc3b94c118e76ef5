"""PCA with 30 components on MNIST, through the same data path as every model: 13.87 squared error per test image.

Sum over the 784 pixels in [0, 1], mean over the 10,000 test images; the number that Hinton & Salakhutdinov (Science
2006) report for PCA beside their auto-encoder. `aevum reproduce mnist-pca`, as a line of JSON.

    python benchmarks/mnist_pca.py
"""

from __future__ import annotations

from common import arguments, report

from aevum.protocols.digits import pca


def main() -> None:
    options = arguments(__doc__)
    report(**pca(options.data), goal="13.87")


if __name__ == "__main__":
    main()
