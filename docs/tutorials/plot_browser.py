r"""
A model in the browser, as one file
===================================

``aevum export RUN --html page.html`` writes the page of ``aevum explore`` with the model and some of its rows into
one file. It opens from a disk or a mail, and asks nothing of any network: encoder and decoder run in the browser. Of a
small model it takes at most 4 MB. For programs of your own, ``--onnx`` writes the two networks.
"""

# sphinx_gallery_thumbnail_path = "images/explore-hover.png"
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

work = TemporaryDirectory()


def aevum(*words):
    done = subprocess.run([sys.executable, "-m", "aevum", *words], cwd=work.name, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


aevum("train", "digits", "--latent-dim", "2", "--epochs", "40", "--out", "runs/digits")
print(aevum("export", "runs/digits", "--html", "digits.html", "--onnx", "digits.onnx"))
for file in sorted(Path(work.name).glob("digits.*")):
    print(f"{file.name:22} {file.stat().st_size / 1e6:.2f} MB")

# %%
# The script of the page computes the networks itself, with weights of as few bits as change what comes out by no more
# than 5e-6 of its scale. Where a network of your own has an operator that it lacks, the file holds ONNX Runtime, of
# 4.6 MB, and the command says which operator that is.
#
# The page is the one that a server shows:
#
# .. image:: /images/explore-map.png
#    :alt: the page: the map of the digits, and the picture decoded at the cursor
#
# The two networks in any runtime of ONNX, here Python's. The encoder takes rows in the data's own units and gives
# means and deviations; the decoder takes codes.

import numpy as np
import onnxruntime

import aevum as ae

vae = ae.load(Path(work.name) / "runs/digits")
digits = ae.open_data("digits")
encoder, decoder = (
    onnxruntime.InferenceSession(Path(work.name) / f"digits.{part}.onnx") for part in ("encoder", "decoder")
)
mean, deviation = encoder.run(None, {"x": digits.x[:5].astype("float32")})
decoded = decoder.run(None, {"z": mean})[0]
print("codes differ by at most", np.abs(mean - vae.transform(digits.x[:5])).max())
print("pictures by", np.abs(decoded - vae.inverse_transform(mean)).max(), "of 16")
work.cleanup()

# %%
# In Python: ``vae.export_onnx("digits.onnx")``.
