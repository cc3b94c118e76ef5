"""PCA with 30 components on MNIST, through the same data path as every model: 13.87 squared error per test image.

Sum over the 784 pixels in [0, 1], mean over the 10,000 test images; the number that Hinton & Salakhutdinov (Science
2006) report for PCA beside their auto-encoder.

    python benchmarks/mnist_pca.py
"""

from __future__ import annotations

import numpy as np
from common import arguments, report
from sklearn.decomposition import PCA

from aevum import open_data


def main() -> None:
    options = arguments(__doc__)
    train, test = (
        open_data("mnist", data_dir=options.data / "mnist", split=split).x.reshape(-1, 784) / 255.0
        for split in ("train", "test")
    )
    pca = PCA(30, svd_solver="covariance_eigh").fit(train)
    error = np.square(test - pca.inverse_transform(pca.transform(test))).sum(axis=1).mean()
    report(test_squared_error=error, goal="13.87")


if __name__ == "__main__":
    main()
