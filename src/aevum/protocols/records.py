"""What was published, by whom, how it is measured, and what we have got: one record a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ZEN5 = "AMD EPYC (Zen 5, AVX-512 with bfloat16), 2 cores"
AVX2 = "AMD EPYC (AVX2, float32), 2 cores"
THREAD = "AMD EPYC (AVX2, float32), one thread beside other work"


@dataclass(frozen=True)
class Paper:
    """Where a figure was published."""

    authors: str
    title: str
    venue: str
    year: int | None = None

    @property
    def short(self) -> str:
        """Who, and when."""
        return self.authors + (f", {self.year}" if self.year else "")

    def __str__(self) -> str:
        return f"{self.authors}: {self.title}. {self.venue}" + (f", {self.year}" if self.year else "")


@dataclass(frozen=True)
class Data:
    """Rows that a protocol needs.

    Args:
        name: as people call them.
        files: in the folder that is named; none where a library brings them.
        what: what the files hold.
        besides: what a library brings beside the files.
    """

    name: str
    files: Sequence[str]
    what: str
    besides: str = ""


@dataclass(frozen=True)
class Ours:
    """What was last measured, by the same function and settings."""

    value: float
    date: str
    processor: str
    error: float | None = None


@dataclass(frozen=True)
class Protocol:
    """A published experiment.

    Args:
        name: by which it is run.
        says: what is done.
        paper: which paper reports it.
        where: where in it the figure stands, or who quotes it.
        published: the figure.
        measure: of what it is, in which unit.
        figure: what the function calls it; less is better for all of them.
        data: what it needs.
        function: ``module:name``, called with the data's folder, a seed and the settings; gives figures by name.
        settings: of the function.
        quick: settings for a run of seconds, whose figure says nothing.
        minutes: of a run, on the processor that is named.
        ours: what it gave.
        differs: what is not as in the paper.
        loses: where the paper's is better; empty where it nowhere is.
    """

    name: str
    says: str
    paper: Paper
    where: str
    published: float
    measure: str
    figure: str
    data: Data
    function: str
    minutes: float
    ours: Ours
    settings: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    differs: str = ""
    loses: str = ""


def figure(value: float) -> str:
    """A figure with two decimals, or as many as were measured.

    >>> figure(84.0), figure(13.866)
    ('84.00', '13.866')
    """
    return max(f"{value:.2f}", f"{value:g}", key=len)


MNIST = Data("MNIST", (), "MNIST's four files, as they are published, packed or not")
FREY = Data("Frey faces", ("freyfaces.npz",), "an array x (1965, 28, 20) of uint8, in the order of the film")
SIX_TABLES = Data(
    "six tables",
    ("banknote.csv", "concrete.csv", "winequality-red.csv", "winequality-white.csv", "yeast.npz"),
    "tables of UCI's repository: .csv with a header, of yeast an array X (1484, 8); breast cancer is scikit-learn's",
    "breast cancer as scikit-learn has it",
)

HINTON = Paper(
    "G. E. Hinton, R. R. Salakhutdinov", "Reducing the dimensionality of data with neural networks", "Science", 2006
)
EXAMPLE = Paper("The PyTorch project", "Basic VAE example", "github.com/pytorch/examples")
IWAE = Paper("Y. Burda, R. Grosse, R. Salakhutdinov", "Importance weighted autoencoders", "ICLR", 2016)
EXEMPLAR = Paper("S. Norouzi, D. J. Fleet, M. Norouzi", "Exemplar VAE", "NeurIPS", 2020)
VAMP = Paper("J. M. Tomczak, M. Welling", "VAE with a VampPrior", "AISTATS", 2018)
SOHN = Paper(
    "K. Sohn, H. Lee, X. Yan",
    "Learning structured output representation using deep conditional generative models",
    "NeurIPS",
    2015,
)
NOT_MIWAE = Paper(
    "N. B. Ipsen, P.-A. Mattei, J. Frellsen",
    "not-MIWAE: deep generative modelling with missing not at random data",
    "ICLR",
    2021,
)

NLL = "−log p(x) of a test image, nats, k = 5000"
DEEPER = "Encoder and decoder are five residual layers of 512 units; the paper's are two of 200."
SHORT = {"epochs": 2, "rows": 600, "images": 100, "layers": 1, "batch": 50, "k": 20}


def _evidence(
    name: str, says: str, paper: Paper, where: str, published: float, minutes: float, ours: Ours, **more: Any
) -> Protocol:
    """log p(x) of MNIST: one stochastic layer of 40 latents, all 10,000 test images."""
    quick = {**SHORT, **more.pop("quick", {})}
    return Protocol(
        name, says, paper, where, published, NLL, "negative_log_likelihood", MNIST,
        "aevum.protocols.digits:evidence_of", minutes, ours, quick=quick, differs=more.pop("differs", DEEPER), **more,
    )  # fmt: skip


_ALL = (
    Protocol(
        "mnist-pca",
        "PCA with 30 components of MNIST",
        HINTON,
        "caption of figure 2B",
        13.87,
        "squared error of a test image, 784 pixels in [0, 1]",
        "test_squared_error",
        MNIST,
        "aevum.protocols.digits:pca",
        0.2,
        Ours(13.866, "2026-11-21", ZEN5),
        quick={"rows": 2000, "images": 500},
    ),
    Protocol(
        "mnist-ae",
        "auto-encoder 784-1000-500-250-30 of MNIST",
        HINTON,
        "caption of figure 2B",
        3.00,
        "squared error of a test image, 784 pixels in [0, 1]",
        "test_squared_error",
        MNIST,
        "aevum.protocols.digits:autoencoder",
        22,
        Ours(2.913, "2026-11-30", THREAD),
        settings={"network": "mlp", "epochs": 5},
        quick={"epochs": 1, "copies": 1, "rows": 1000, "images": 500},
        differs="Trained at once, without the paper's layers of RBMs, on the images and seven slightly moved copies of"
        " each; the residual network of 512-unit layers gives 2.308 in 512 s.",
    ),
    Protocol(
        "mnist-vae",
        "VAE 784-400-20 of MNIST, 10 epochs",
        EXAMPLE,
        "test loss that the script prints, about",
        105.6,
        "distortion + rate of a test image, nats, one draw of z",
        "test_loss",
        MNIST,
        "aevum.protocols.digits:vae",
        2.5,
        Ours(103.09, "2026-11-30", THREAD),
        quick={"epochs": 1, "rows": 2000, "images": 500},
        differs="Grey levels as probabilities, as there; a one-cycle rate of 4e-3 in place of a constant 1e-3.",
    ),
    _evidence(
        "mnist-nll",
        "VAE, binarized anew each epoch, 60 epochs",
        IWAE,
        "table 1: one stochastic layer, VAE, k = 1",
        86.76,
        15,
        Ours(84.00, "2026-11-21", ZEN5, 0.003),
        settings={"epochs": 60},
        differs=f"{DEEPER} The paper trains for 3,280 passes.",
    ),
    _evidence(
        "mnist-nll-long",
        "VAE, binarized anew each epoch, 95 epochs",
        EXEMPLAR,
        "its table of MNIST: VAE with a Gaussian prior, ± 0.12",
        84.45,
        20,
        Ours(83.36, "2026-11-21", ZEN5, 0.003),
        settings={"epochs": 95},
        differs="Encoder and decoder are five residual layers of 512 units, deeper than the paper's.",
    ),
    _evidence(
        "mnist-nll-iwae",
        "IWAE, k = 5 in training, 60 epochs",
        IWAE,
        "table 1: one stochastic layer, IWAE, k = 5 (84.78 at k = 50)",
        85.54,
        21,
        Ours(83.13, "2026-11-21", ZEN5, 0.003),
        settings={"make": "IWAE", "epochs": 60, "more": {"k": 5}},
    ),
    _evidence(
        "mnist-nll-vamp",
        "VAE with a VampPrior of 500 pseudo-inputs, 95 epochs",
        VAMP,
        "its table of MNIST: one stochastic layer, VampPrior",
        82.43,
        130,
        Ours(82.49, "2026-11-28", AVX2, 0.003),
        settings={"make": "VampVAE", "epochs": 95, "more": {"components": 500}},
        quick={"more": {"components": 20}},
        differs="Encoder and decoder are five residual layers of 512 units; the paper's are two of 300.",
        loses="By 0.06 nats (the Monte Carlo error is 0.003; one seed), with deeper networks than the paper's.",
    ),
    _evidence(
        "mnist-nll-static",
        "VAE, binarized once, 25 epochs",
        IWAE,
        "appendix D: one stochastic layer, VAE",
        88.71,
        40,
        Ours(86.68, "2026-11-21", "AMD EPYC (Zen 4, AVX-512 with bfloat16), 2 cores", 0.003),
        settings={"epochs": 25, "binarize": "static"},
        differs=f"{DEEPER} One draw of each training image (seed 0) in place of the paper's files.",
    ),
    Protocol(
        "mnist-quadrants",
        "CVAE: three quadrants of a digit given the lower left one",
        SOHN,
        "its table of the negative conditional log-likelihood: CVAE, importance sampling, one quadrant observed",
        63.91,
        "−log p(x given y) of a test image's 588 pixels, nats, k = 5000",
        "negative_conditional_log_likelihood",
        MNIST,
        "aevum.protocols.digits:quadrants_given_one",
        15,
        Ours(60.58, "2026-11-21", "AMD EPYC (Zen 4, AVX-512 with bfloat16), one thread"),
        quick={"epochs": 1, "rows": 600, "images": 100, "layers": 1, "k": 20},
        differs="Ten draws of each training image, since the paper does not say how it binarizes; four residual layers"
        " of 512 units.",
    ),
    Protocol(
        "frey-faces",
        "VAE of Frey faces, discretized logistic",
        VAMP,
        "about, as papers report that divide the film at random; read off no one table",
        4.6,
        "bits a pixel of a test image, k = 5000",
        "bits_per_dim",
        FREY,
        "aevum.protocols.faces:frey",
        6,
        Ours(4.292, "2026-11-30", THREAD),
        quick={"epochs": 2, "k": 20},
        differs="Few draws count for a row here, so that the figure is too high by 0.001 bits or more.",
    ),
    Protocol(
        "missing-not-at-random",
        "half of the columns without what lies above their means, filled in",
        NOT_MIWAE,
        "table 1: the linear form (the deep one: 1.018), mean of six tables",
        0.915,
        "root of the mean squared error over the gaps, in deviations, mean of six tables",
        "mean",
        SIX_TABLES,
        "aevum.protocols.gaps:filled_in",
        12,
        Ours(0.894, "2026-11-30", AVX2),
        quick={"only": ("banknote",), "seeds": 1, "rows": 200, "draws": 20, "epochs": 2},
        differs="The command makes two runs of each table (seeds 0 and 1), the paper five. The figure above is of two"
        " runs of each table but banknote, and of five runs of banknote.",
        loses="On breast cancer by far (0.941, the paper's 0.72; scikit-learn's IterativeImputer is level with ours),"
        " and a little on concrete (1.152, the paper's best 1.12) and yeast (0.785 and 0.77).",
    ),
)
PROTOCOLS: dict[str, Protocol] = {each.name: each for each in _ALL}
