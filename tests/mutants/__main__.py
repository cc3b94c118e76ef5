"""Change one thing at a time in a copy of the package, and run the tests that should see it.

    python -m tests.mutants            all of them, some seconds each
    python -m tests.mutants beta clip  those whose description holds a word

A mutant that no test kills is a hole in the tests: the command names it and ends with 1. One whose text is no longer in
the source ends it with 2: the list has to follow the code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
OBJECTIVES, LOOP = "tests/training/test_objectives.py", "tests/training/test_loop.py"
ORACLES, DRAWS, DENSITIES = (
    "tests/objectives/test_oracles.py", "tests/distributions/test_drawing.py", "tests/distributions/test_densities.py",
)  # fmt: skip
AFFINE, WALKS, SAVED = "tests/encoding/test_affine.py", "tests/exploration/test_walks.py", "tests/saved/test_saved.py"
EXPORTING, LEARNED = "tests/estimators/test_exporting.py", "tests/recipes/test_learned_priors.py"


class Mutant(NamedTuple):
    """A change, and the tests that see it."""

    what: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = (
    Mutant("the ELBO's β dropped", "objectives/elbo.py", "distortion + beta * rate", "distortion + rate", OBJECTIVES),
    Mutant("the importance-weighted bound's β dropped", "objectives/importance_weighted.py",
           "found.log_likelihood + beta * found.log_ratio", "found.log_likelihood + found.log_ratio", OBJECTIVES),
    Mutant("β on the likelihood instead of the ratio", "objectives/importance_weighted.py",
           "found.log_likelihood + beta * found.log_ratio", "beta * found.log_likelihood + found.log_ratio",
           OBJECTIVES),
    Mutant("the sign of the rate", "objectives/elbo.py", "distortion + beta * rate", "distortion - beta * rate",
           OBJECTIVES),
    Mutant("the rate detached", "objectives/elbo.py", "distortion + beta * rate", "distortion + beta * rate.detach()",
           OBJECTIVES),
    Mutant("the distortion detached", "objectives/elbo.py", "Terms(distortion + beta",
           "Terms(distortion.detach() + beta",
           OBJECTIVES),
    Mutant("log K added instead of taken off", "objectives/importance_weighted.py", "- math.log(self.k)",
           "+ math.log(self.k)", OBJECTIVES),
    Mutant("the log-ratio's sign", "objectives/elbo.py", "log_q - p.log_prob(z)", "p.log_prob(z) - log_q", ORACLES),
    Mutant("KL without its ½", "distributions/divergence.py", "return 0.5 * (squared + torch.expm1",
           "return (squared + torch.expm1", DENSITIES),
    Mutant("KL's arguments exchanged", "distributions/divergence.py", "gaussian_rate(posterior, prior)",
           "gaussian_rate(prior, posterior)", ORACLES),
    Mutant("full covariance: log-determinant dropped", "distributions/divergence.py", "+ own - log_determinant",
           "+ own", DRAWS),
    Mutant("a draw's deviation squared", "distributions/drawing.py", "(0.5 * q.log_variance).exp() * noise",
           "q.log_variance.exp() * noise", DRAWS),
    Mutant("the draw detached from σ", "distributions/gaussian.py",
           "return self._mean + (0.5 * self.log_variance).exp() * noise",
           "return self._mean + (0.5 * self.log_variance).exp().detach() * noise", OBJECTIVES),
    Mutant("a flow's stretch with the wrong sign", "distributions/flows.py", "q.base.log_prob(u) - stretch",
           "q.base.log_prob(u) + stretch", DRAWS),
    Mutant("quantiles from the variance", "distributions/summaries.py", "gaussian.stddev[..., d]",
           "gaussian.variance[..., d]", DRAWS),
    Mutant("the clip's constant", "training/settings.py", "clip: float = 4.0", "clip: float = 40.0", OBJECTIVES),
    Mutant("the clip's running mean", "training/groups.py", "0.98 * self.norm + 0.02 * value",
           "0.9 * self.norm + 0.1 * value", OBJECTIVES),
    Mutant("an opponent's weights trained by the model's optimizer", "training/run.py", "if id(p) not in taken", "",
           OBJECTIVES),
    Mutant("no gradients at validation", "training/loop.py", "torch.enable_grad() if scored.needs_grad else torch.infe",
           "torch.no_grad() if scored.needs_grad else torch.infe", OBJECTIVES),
    Mutant("the epoch chosen by the loss alone", "training/loop.py", "scored.selection(terms)", "terms.loss",
           OBJECTIVES),
    Mutant("the last weights instead of the best", "training/loop.py", "or target < least or", "or True or", LOOP),
    Mutant("the order of the rows the same each epoch", "training/loop.py",
           "source.order(settings.seed, epoch)", "source.order(settings.seed, 1)", LOOP),
    Mutant("a step's draws the same each step", "training/loop.py", "randomness.at(settings.seed, epoch, step)",
           "randomness.at(settings.seed)", LOOP),
    Mutant("a missing cell has a unit", "encoding/base.py", "return ~torch.isnan(x)",
           "return torch.ones_like(x, dtype=torch.bool)", AFFINE),
    Mutant("the log-determinant's sign", "encoding/affine.py", "return -self.scale.log()", "return self.scale.log()",
           AFFINE),
    Mutant("the posterior sees half of x", "model.py", ".clamp(-REACH, REACH)", ".clamp(-REACH, REACH) / 2", SAVED),
    Mutant("a score's units forgotten", "fitted/importance.py", "found.append((bound + units,", "found.append((bound,",
           SAVED),
    Mutant("walks with the wrong quantiles", "exploration/codes.py", ".quantiles(d, shares)",
           ".quantiles(d, 1 - shares)",
           WALKS),
    Mutant("walks around the origin", "exploration/codes.py", "law.nearest(law.moments()[0])[0]",
           "law.nearest(0.0 * law.moments()[0])[0]", WALKS),
    Mutant("the log-ratio in bfloat16", "objectives/elbo.py", "torch.autocast(z.device.type, enabled=False)",
           "torch.autocast(z.device.type, torch.bfloat16)", ORACLES),
    Mutant("what two parts share saved twice", "fitted/stored.py", "found.setdefault(id(value), [])",
           "found.setdefault(len(found), [])", LEARNED),
    Mutant("ONNX compared on other draws than the prior's", "fitted/exporting.py",
           "law.sample(n, torch.Generator().manual_seed(n), n).astype",
           "random.normal(size=(n, law.moments()[0].shape[-1])).astype", EXPORTING),
    Mutant("a summary of draws gives the variance", "distributions/summaries.py", "z.std(dim=0, correction=0)",
           "z.var(dim=0, correction=0)", DRAWS),
    Mutant("a report that says 0 of every prior", "reports/walks.py", 'rest = "0" if subject.standard_prior else',
           'rest = "0" if True else', "tests/reports/test_report.py"),
)  # fmt: skip


def killed(mutant: Mutant, folder: Path) -> tuple[bool, float]:
    """Whether a test fails under the change, and the seconds it took."""
    package = folder / "src"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(ROOT / "src", package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    file = package / "aevum" / mutant.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) < 1:
        raise SystemExit(f"{mutant.what}: {mutant.file} no longer holds {mutant.old!r}")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(package), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", mutant.tests]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # the tests did not run: an error is no verdict
        raise SystemExit(f"{mutant.what}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1, time.perf_counter() - started


def main(words: list[str]) -> int:
    """Try the mutants whose description holds one of the words; all without words."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.what for word in words)]
    alive = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, mutant in enumerate(chosen, 1):
            dead, seconds = killed(mutant, Path(folder))
            alive += not dead
            verdict = "killed" if dead else "ALIVE"
            print(f"{number:2}. {verdict} in {seconds:4.0f} s by {mutant.tests}: {mutant.what}", flush=True)
    print(f"{len(chosen) - alive} of {len(chosen)} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
