import json
import re

import pytest

pytestmark = pytest.mark.usefixtures("one_registry")


def test_onnx(run, refused, models):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    text = run("export", models.vae, "--onnx", "a.onnx").stdout
    assert "encoder in a.encoder.onnx" in text and "within 1e-5 of the model" in text
    assert "a.encoder.onnx exists" in refused("export", models.vae, "--onnx", "a.onnx")
    answer = json.loads(run("export", models.vae, "--onnx", "a.onnx", "--force", "--json").stdout)
    assert answer == {"encoder": "a.encoder.onnx", "decoder": "a.decoder.onnx"}


def catalogue(path):
    """What a page says about its runs."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="catalogue">([^<]*)<', text)[1])["runs"]


def test_html_of_several_runs(run, refused, models, tmp_path):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    text = run("export", models.vae, models.cvae, "--html", "a.html", "--data", "digits", "--rows", 30).stdout
    assert re.fullmatch(r"html in a\.html, \d\.\d\d MiB; opens without a server\nit runs its networks itself.*\n", text)
    shown = catalogue(tmp_path / "a.html")
    assert [(about["id"], about["rows"], about["data"]) for about in shown] == [
        ("vae", 30, "digits"),
        ("cvae", 30, "digits"),
    ]
    assert shown[1]["labels"] == list("0123456789")
    assert "a.html exists; --force replaces it" in refused("export", models.vae, "--html", "a.html")


def test_why_a_page_holds_a_runtime_is_said(run, models, tmp_path):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    text = run("export", models.vae, "--html", "a.html", "--data", "digits", "--rows", 30, "--runtime", "onnx").stdout
    assert "4.4 MiB are ONNX Runtime, which runs its networks: it was asked for" in text
    assert (tmp_path / "a.html").stat().st_size > 4.4 * 2**20


@pytest.mark.slow
def test_html_and_onnx_without_data(run, models, tmp_path):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    done = run("export", models.iris, "--html", "a.html", "--onnx", "b.onnx", "--json")
    files = {"encoder": "b.encoder.onnx", "decoder": "b.decoder.onnx", "html": "a.html"}
    assert json.loads(done.stdout) == {**files, "runtime": "own"}
    assert all((tmp_path / file).stat().st_size for file in files.values())
    assert done.stderr.startswith("warning: ") and "doesn't say which data" in done.stderr
    (about,) = catalogue(tmp_path / "a.html")
    assert about["rows"] == 0 and "doesn't say which data" in about["no_data"]


def test_what_to_export_to(refused, models, tmp_path):
    assert "--html FILE.html or --onnx FILE.onnx" in refused("export", models.vae)
    assert "ends in .onnx" in refused("export", models.vae, "--onnx", "a.bin")
    assert "write to .html or .htm" in refused("export", models.vae, "--html", "page.txt")
    assert "--html names no file" in refused("export", models.vae, "--html", "")
    assert "--onnx names no file" in refused("export", models.vae, "--onnx", "")
    assert "takes one run" in refused("export", models.vae, models.ae, "--onnx", "a.onnx")
    assert "for the page" in refused("export", models.vae, "--onnx", "a.onnx", "--rows", 5)
    assert "for the page" in refused("export", models.vae, "--onnx", "a.onnx", "--runtime", "onnx")
    assert "at least 1" in refused("export", models.vae, "--html", "a.html", "--rows", 0)
    assert "each example of iris is 4 values" in refused("export", models.vae, "--html", "a.html", "--data", "iris")
    both = ("--html", "a.html", "--onnx", "a.onnx", "--data", "nowhere.npy")
    assert "doesn't exist" in refused("export", models.vae, *both)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package(refused, models, tmp_path, monkeypatch):
    monkeypatch.setattr("aevum.fitted.exporting.PACKAGES", ("onnx_of_another_name",))
    assert "pip install 'aevum[onnx]'" in refused("export", models.vae, "--html", "a.html", "--data", "digits")
    assert list(tmp_path.iterdir()) == []
