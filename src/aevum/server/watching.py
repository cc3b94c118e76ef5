"""A model that still learns, on the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aevum.estimators import Snapshots
from aevum.server.explorer import Explorer
from aevum.server.subject import Run

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

# Copying a model and encoding its rows anew should not become a fit's main work.
SECONDS_BETWEEN = 1.0


class Watch:
    """A callback that shows the model on a page while it learns: the map moves as the codes do.

    Args:
        X: the training data, as ``fit`` takes them.
        y: their labels; a conditional model needs them.
        id: of the run, in links to it.
        name: of the run.
        host, port: as for :class:`Explorer`.
        ready: called with the server after the first epoch, when there is something to see.

    Attributes:
        explorer: the server; None before the first epoch. It goes on after the fit until it is closed.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> watch = Watch(digits, digits.y)
        >>> vae = VAE(latent_dim=2, epochs=3, random_state=0, callbacks=[watch]).fit(digits)
        >>> watch.done(vae)
        >>> watch.explorer.url.startswith("http://127.0.0.1:")
        True
        >>> watch.explorer.close()
    """

    def __init__(
        self,
        X: Any,
        y: Any = None,
        *,
        id: str = "live",
        name: str = "learning",
        host: str = "127.0.0.1",
        port: int | Sequence[int] = 0,
        ready: Callable[[Explorer], object] = lambda explorer: None,
    ) -> None:
        self.X, self.y, self.id, self.name, self.ready = X, y, id, name, ready
        self.explorer: Explorer | None = None
        self._address = {"host": host, "port": port}
        self._version, self._shown_at = 0, -SECONDS_BETWEEN
        self._snapshots = Snapshots(wanted=self._due, kept=False, changed=self._show)
        self.attach, self.detach = self._snapshots.attach, self._snapshots.detach

    def __call__(self, record: dict[str, Any]) -> None:
        self._snapshots(record)

    def done(
        self,
        estimator: LatentVariableEstimator,
        checkpoints: dict[int, LatentVariableEstimator] | None = None,
        *,
        name: str | None = None,
    ) -> None:
        """Show the fitted estimator, which holds the best weights and not the last, and the way there.

        Args:
            estimator: what was learned.
            checkpoints: earlier epochs.
            name: of the run from now on: the folder that it is saved in, which the page's code can load.
        """
        self.name = name or self.name
        if self.explorer is not None:
            earlier = [
                self._run(model, f"{self.id}@{epoch}", epoch=epoch) for epoch, model in (checkpoints or {}).items()
            ]
            self.explorer.show(self._run(estimator, checkpoints=earlier))

    def _due(self, epoch: int) -> bool:
        return epoch == 1 or time.monotonic() - self._shown_at >= SECONDS_BETWEEN

    def _show(self, taken: LatentVariableEstimator) -> None:
        self._version += 1
        run = self._run(taken, version=self._version)
        if self.explorer is None:
            self.explorer = Explorer([run], **self._address).start()  # type: ignore[arg-type]
            self.ready(self.explorer)
        else:
            self.explorer.show(run)
        self._shown_at = time.monotonic()

    def _run(self, estimator: LatentVariableEstimator, id: str | None = None, **more: Any) -> Run:
        return Run(id or self.id, self.name, estimator, self.X, self.y, **more)
