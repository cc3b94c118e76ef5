import json

import pytest


def test_onnx(run, refused, models):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    text = run("export", models.vae, "--onnx", "a.onnx").stdout
    assert "encoder in a.encoder.onnx" in text and "within 1e-5 of the model" in text
    assert "a.encoder.onnx exists" in refused("export", models.vae, "--onnx", "a.onnx")
    answer = json.loads(run("export", models.vae, "--onnx", "a.onnx", "--force", "--json").stdout)
    assert answer == {"encoder": "a.encoder.onnx", "decoder": "a.decoder.onnx"}


def test_what_to_export_to(refused, models):
    assert "--onnx FILE.onnx" in refused("export", models.vae)
    assert "ends in .onnx" in refused("export", models.vae, "--onnx", "a.bin")
