"""What a fresh environment with nothing but the wheel must do: ``make smoke`` runs it by its Python."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import metadata, version
from importlib.resources import files
from pathlib import Path


def main() -> None:
    import aevum

    home = Path(aevum.__file__).parent
    assert Path(sys.prefix) in home.parents, f"{home} is not what was installed"
    assert aevum.__version__ == version("aevum")
    assert files("aevum").joinpath("py.typed").is_file(), "types are not told"
    static = files("aevum.server").joinpath("static")
    for name in (
        "index.html",
        "app.js",
        "app.css",
        "file/page.html",
        "file/page.js",
        "file/start.js",
        "file/runtime.js",
        "file/runtime.wasm.gz",
    ):
        assert static.joinpath(name).is_file(), f"the page lacks {name}"
    readme = metadata("aevum").get_payload()
    assert "](docs/" not in readme and "](https://" in readme, "links of the README lead nowhere on PyPI"
    command = Path(sys.prefix) / ("Scripts" if sys.platform == "win32" else "bin") / "aevum"
    said = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout
    assert said == f"aevum {aevum.__version__}\n", said
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        vae = aevum.VAE(latent_dim=2, hidden=16, epochs=1, random_state=0).fit("digits")
        vae.save(Path(folder) / "model")
        assert (aevum.load(Path(folder) / "model").transform("digits") == vae.transform("digits")).all()
        assert vae.sample(3, random_state=0).shape == (3, 8, 8)
    print(f"aevum {aevum.__version__} of {home}: works")


if __name__ == "__main__":
    main()
