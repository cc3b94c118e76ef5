"""``aevum impute`` and ``aevum sample --given``: tables with gaps, filled and asked for, from the command line."""

import csv
import io
import json
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import aevum
from aevum.cli import aevum as cli
from aevum.cli.output import write_table
from aevum.data.own_cells import Style, with_own

SMALL = {"hidden": 16, "epochs": 20, "batch_size": 64, "learning_rate": 5e-3, "random_state": 0}


def people(gaps=0.1):
    random = np.random.default_rng(0)
    z = random.normal(size=400)
    made = pd.DataFrame({
        "age": 40.0 + 10.0 * z + random.normal(size=400),
        "job": np.where(z > 0, "cook", "clerk"),
        "income": np.exp(8.0 + z),
    })  # fmt: skip
    for place, name in enumerate(made.columns):
        made.loc[np.random.default_rng(place).random(400) < gaps, name] = None
    return made


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with a model of people, one of numbers alone, and their tables."""
    folder = tmp_path_factory.mktemp("people")
    frame = people()
    frame.to_csv(folder / "people.csv", index=False)
    aevum.VAE(1, **SMALL).fit(frame).save(folder / "people")
    numbers = frame[["age", "income"]].to_numpy()
    aevum.VAE(1, **SMALL).fit(numbers).save(folder / "numbers")
    pd.DataFrame(numbers, columns=["age", "income"]).to_csv(folder / "numbers.csv", index=False)
    return folder


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_fills_a_table(saved, tmp_path):
    said = run("impute", saved / "people", saved / "people.csv", "-o", tmp_path / "whole.csv", "--k", 100)
    assert said.exit_code == 0, said.output
    assert "cells of 400 rows filled" in said.stdout
    given, found = people(), pd.read_csv(tmp_path / "whole.csv")
    assert list(found.columns) == ["age", "job", "income"] and not found.isna().any().any()
    there = given["age"].notna()
    np.testing.assert_allclose(found.loc[there, "age"], given.loc[there, "age"])
    assert set(found["job"]) == {"cook", "clerk"}


def test_intervals_and_copies(saved, tmp_path):
    words = (saved / "people", saved / "people.csv", "--k", 50)
    said = run("impute", *words, "-o", tmp_path / "ends.csv", "--interval", 0.8)
    assert said.exit_code == 0, said.output
    found = pd.read_csv(tmp_path / "ends.csv")
    assert list(found.columns)[3:5] == ["age_low", "age_high"]
    assert (found["age_low"] <= found["age"] + 1e-9).all() and (found["age"] <= found["age_high"] + 1e-9).all()
    said = run("impute", *words, "-o", tmp_path / "copies.parquet", "--draws", 2, "--json")
    assert json.loads(said.stdout)["draws"] == 2
    copies = pd.read_parquet(tmp_path / "copies.parquet")
    assert len(copies) == 800 and copies["draw"].tolist() == [0] * 400 + [1] * 400


def test_columns_are_matched_by_name(saved, tmp_path):
    people()[["income", "age", "job"]].assign(more=1).to_csv(tmp_path / "turned.csv", index=False)
    said = run("impute", saved / "people", tmp_path / "turned.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0 and "stay as they are, since the model doesn't know them: more" in said.output
    found, given = pd.read_csv(tmp_path / "out.csv"), people()
    assert list(found.columns) == ["income", "age", "job", "more"] and not found.isna().any().any()
    for name in ("income", "age"):
        np.testing.assert_allclose(found[name][given[name].notna()], given[name].dropna())
    people()[["age", "job"]].to_csv(tmp_path / "few.csv", index=False)
    said = run("impute", saved / "people", tmp_path / "few.csv", "-o", tmp_path / "no.csv")
    assert said.exit_code == 2 and "has no column 'income'" in said.output


IDS = [f"{k:05d}" for k in range(400)]
MORE = {"id": IDS, "seen": pd.date_range("2020-01-31", periods=400), "note": ["a, b", "", "x\ny", "NA"] * 100}


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize("made", [".csv", ".parquet"])
@pytest.mark.parametrize("more", [(), ("--draws", 2), ("--interval", 0.8)])
def test_columns_that_the_model_does_not_know_stay(saved, tmp_path, ending, made, more):
    frame = people().iloc[:, [2, 0, 1]]
    for place, name in enumerate(MORE):
        frame.insert(2 * place, name, MORE[name])
    frame["draw"] = frame["age_low"] = range(1, 401)
    given, out = tmp_path / f"t{ending}", tmp_path / f"out{made}"
    frame.to_csv(given, index=False) if ending == ".csv" else frame.to_parquet(given)
    said = run("impute", saved / "people", given, "-o", out, "--k", 20, *more)
    assert said.exit_code == 0, said.output
    found = pd.read_csv(out, dtype={"id": str}, keep_default_na=False) if made == ".csv" else pd.read_parquet(out)
    added = {"--draws": ["draw_"], "--interval": ["age_low_", "income_high"]}.get(more[0] if more else "", [])
    assert set(added) <= set(found.columns), list(found.columns)
    assert list(found.columns)[("--draws" in more) :][: frame.shape[1]] == list(frame.columns)
    copies = len(found) // 400
    assert found["id"].tolist() == IDS * copies and found["draw"].tolist() == list(range(1, 401)) * copies
    assert found["note"].fillna("").tolist() == MORE["note"] * copies
    assert (pd.to_datetime(found["seen"]) == list(MORE["seen"]) * copies).all()


def test_a_name_may_come_twice_among_what_the_model_does_not_know(saved, tmp_path):
    lines = people().to_csv(index=False).splitlines()
    text = "\n".join([f",{lines[0]},k,k", *(f"r{k},{line},{k},-{k}" for k, line in enumerate(lines[1:]))])
    (tmp_path / "t.csv").write_text(text)
    said = run("impute", saved / "people", tmp_path / "t.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0, said.output
    made = (tmp_path / "out.csv").read_text().splitlines()
    assert made[0] == ",age,job,income,k,k" and made[400].startswith("r399,") and made[400].endswith(",399,-399")


def test_a_folder_of_parquet_files_keeps_its_columns(saved, tmp_path):
    (tmp_path / "t").mkdir()
    for part in (0, 1):
        rows = slice(200 * part, 200 * part + 200)
        people()[rows].assign(id=IDS[rows]).to_parquet(tmp_path / "t" / f"{part}.parquet", index=False)
    said = run("impute", saved / "people", tmp_path / "t", "-o", tmp_path / "out.parquet", "--k", 20)
    assert said.exit_code == 0 and pd.read_parquet(tmp_path / "out.parquet")["id"].tolist() == IDS, said.output


def test_a_model_of_numbers(saved, tmp_path):
    said = run("impute", saved / "numbers", saved / "numbers.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0, said.output
    assert not pd.read_csv(tmp_path / "out.csv").isna().any().any()


def test_a_file_is_read_as_for_training(saved, tmp_path):
    people().to_csv(tmp_path / "people.csv", index=False)
    people().to_csv(tmp_path / "european.csv", index=False, sep=";", decimal=",", encoding="utf-16")
    people().to_csv(tmp_path / "pipes.csv", index=False, sep="|")
    people().to_csv(tmp_path / "spaces.csv", index=False, sep=" ", na_rep="NA")
    for name in ("people", "european", "pipes", "spaces"):
        said = run("impute", saved / "people", tmp_path / f"{name}.csv", "-o", tmp_path / f"{name}-out.csv", "--k", 20)
        assert said.exit_code == 0, said.output
    read = {
        "european": {"sep": ";", "decimal": ",", "encoding": "utf-16"},
        "pipes": {"sep": "|"},
        "spaces": {"sep": " "},
    }
    plain = pd.read_csv(tmp_path / "people-out.csv")
    for name, how in read.items():
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / f"{name}-out.csv", **how), plain)


def european(value):
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    ("sep", "encoding", "write", "like"),
    [
        (",", "utf-8", lambda v: f"${v:,.2f}", r"\$\d{1,3}(,\d{3})*\.\d\d"),
        (",", "utf-8-sig", lambda v: f"{v:.0f} €", r"\d+ €"),
        (";", "utf-16", european, r"\d{1,3}(\.\d{3})*,\d\d"),
        (";", "cp1252", lambda v: f"{european(v)} €", r"\d{1,3}(\.\d{3})*,\d\d €"),
        ("\t", "utf-8", lambda v: f"{v:,.2f}".replace(",", "'"), r"\d{1,3}('\d{3})*\.\d\d"),
        (";", "utf-8", lambda v: f"{v:,.2f}".replace(",", " ").replace(".", ","), r"\d{1,3}( \d{3})*,\d\d"),
    ],
)
def test_a_file_with_gaps_comes_back_as_it_was_written(saved, tmp_path, sep, encoding, write, like):
    frame = people().assign(note=lambda made: np.where(made.index % 2, "a", "café"))
    frame["income"] = frame["income"].map(write, na_action="ignore")
    frame["age"] = frame["age"].round(0).map("{:.0f}".format).replace("nan", "")
    text = frame.to_csv(index=False, sep=sep, lineterminator="\r\n" if sep == "," else "\n")
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    words = (saved / "people", tmp_path / "t.csv", "--k", 20, "-o", tmp_path / "out.csv")
    like = like.replace(r"\d\d", r"\d\d+").replace(r"\d+ €", r"\d+(\.\d+)? €")  # the model's have more decimals
    said = run("impute", *words, "--interval", 0.5)
    assert said.exit_code == 0, said.output
    ends = pd.read_csv(tmp_path / "out.csv", sep=sep, encoding=encoding, dtype=str)
    assert ends[["income_low", "income_high"]].apply(lambda column: column.str.fullmatch(like)).all(axis=None)
    said = run("impute", *words, "--force")
    assert said.exit_code == 0, said.output
    made = (tmp_path / "out.csv").read_bytes().decode(encoding)
    given = list(csv.reader(io.StringIO(text, newline=""), delimiter=sep))
    found = list(csv.reader(io.StringIO(made, newline=""), delimiter=sep))
    assert ("\r\n" in made) == ("\r\n" in text) and len(given) == len(found)
    for before, after in zip(given[1:], found[1:], strict=True):
        assert all(old in ("", new) for old, new in zip(before, after, strict=True))
        assert re.fullmatch(like, after[2]) and after[0].replace(",", ".").replace(".", "").isdigit()


def test_words_that_an_encoding_lacks_make_a_file_utf_8(tmp_path, capsys):
    columns = [("a b", np.array(["Łódź", ""])), ("c", np.array(["x", "y z"]))]
    write_table(tmp_path / "t.csv", columns, Style(" ", "cp1252", "\n"))
    assert "is UTF-8, since cp1252 has no 'Ł'" in capsys.readouterr().err
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == '"a b" "c"\n"Łódź" "x"\n"" "y z"\n'


def test_dates_of_a_file_are_those_of_a_frame(tmp_path):
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(60), unit="D")
    frame = pd.DataFrame({"day": days, "x": np.arange(60) / 7.0})
    aevum.VAE(1, likelihood="columns", **SMALL).fit(frame).save(tmp_path / "m")
    frame.loc[3, "x"] = None
    frame.to_csv(tmp_path / "t.csv", index=False)
    said = run("impute", tmp_path / "m", tmp_path / "t.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0, said.output
    found = pd.read_csv(tmp_path / "out.csv", parse_dates=["day"])
    assert (found["day"] == days).all() and found["x"].notna().all()


def test_rows_are_asked_for(saved, tmp_path):
    words = ("sample", saved / "people", "-n", 50, "--seed", 1)
    said = run(*words, "--given", "job=cook", "--given", "age=52", "-o", tmp_path / "cooks.csv")
    assert said.exit_code == 0, said.output
    found = pd.read_csv(tmp_path / "cooks.csv")
    assert len(found) == 50 and (found["job"] == "cook").all() and (found["age"] == 52.0).all()
    said = run(*words, "-o", tmp_path / "any.csv")
    assert said.exit_code == 0 and set(pd.read_csv(tmp_path / "any.csv")["job"]) == {"cook", "clerk"}
    for more, sentence in (
        (("--given", "job"), "write COLUMN=VALUE"),
        (("--given", "job=lord"), "which the model doesn't know"),
        (("--given", "wage=3"), "there is no column 'wage'"),
        (("--given", "age=old"), "is a column of numbers"),
        (("--given", "age=3", "--mean"), "leave one of them out"),
        (("--given", "age=40", "--given", "age=50"), "age=40 is given already"),
    ):
        said = run(*words, *more, "-o", tmp_path / "no.csv")
        assert said.exit_code == 2 and sentence in said.output, said.output
    said = run(*words, "-o", tmp_path / "no.npy")
    assert said.exit_code == 2 and ".npy is for numbers" in said.output


@pytest.mark.parametrize(
    ("name", "text", "sentence"), [("none.csv", None, "doesn't exist"), ("bad.csv", "a,b\n1,2,3,4\n1\n", "")]
)
def test_what_is_no_table_is_said(saved, tmp_path, name, text, sentence):
    if text is not None:
        (tmp_path / name).write_text(text)
    said = run("impute", saved / "people", tmp_path / name, "-o", tmp_path / "out.csv")
    assert said.exit_code == 2 and sentence in said.output and "Traceback" not in said.output


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    """A folder with a table of numbers, dates, true and false, as text and as Parquet, and a model of it."""
    folder = tmp_path_factory.mktemp("dated")
    frame = pd.DataFrame({
        "age": [31, 40, 52, 47] * 30,
        "born": pd.date_range("1980-01-01", periods=120, freq="30D"),
        "ok": [True, False, True] * 40,
    })  # fmt: skip
    frame["age"] = frame["age"].astype("Int64")
    frame.loc[3, "age"] = frame.loc[4, "born"] = None
    frame.to_parquet(folder / "d.parquet")
    text = frame.to_csv(index=False).replace("31,1980-01-01", "00031,1980-01-01", 1)
    (folder / "d.csv").write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        aevum.VAE(1, hidden=8, epochs=2, random_state=0).fit(str(folder / "d.csv")).save(folder / "model")
    return folder


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_dates_and_truths_are_written_as_they_came(dated, tmp_path, ending):
    out = tmp_path / f"out{ending}"
    read = pd.read_csv if ending == ".csv" else pd.read_parquet
    for words in (["sample", dated / "model", "-n", 5], ["reconstruct", dated / "model", dated / "d.csv"]):
        said = run(*words, "-o", out, "--force")
        assert said.exit_code == 0, said.output
        found = read(out)
        assert found["ok"].dtype == bool
        if ending == ".csv":
            assert found["born"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
        else:
            assert found["born"].dtype.kind == "M"


def test_cells_that_are_there_stay_as_they_are(dated, tmp_path):
    said = run("impute", dated / "model", dated / "d.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0 and "2 cells of 120 rows" in said.output, said.output
    given, made = (path.read_text().splitlines() for path in (dated / "d.csv", tmp_path / "out.csv"))
    assert [k for k in range(121) if given[k] != made[k]] == [4, 5]
    assert made[4].endswith(given[4].lstrip(",")) and made[5].split(",")[1].startswith("19")
    said = run("impute", dated / "model", dated / "d.parquet", "-o", tmp_path / "out.parquet", "--k", 20)
    assert said.exit_code == 0, said.output
    given, made = (pd.read_parquet(path) for path in (dated / "d.parquet", tmp_path / "out.parquet"))
    assert not made.isna().any().any() and made["born"].dtype == given["born"].dtype
    assert (made["age"][given["age"].notna()] == given["age"].dropna()).all() and (made["ok"] == given["ok"]).all()
    said = run("impute", dated / "model", dated / "d.csv", "-o", tmp_path / "two.parquet", "--draws", 2, "--k", 20)
    assert said.exit_code == 0 and pd.read_parquet(tmp_path / "two.parquet")["born"].dtype.kind == "M"


def test_dates_are_filled_in_the_form_of_the_others(dated, tmp_path):
    frame = pd.read_parquet(dated / "d.parquet")
    frame["born"] = frame["born"].dt.strftime("%d.%m.%Y")
    frame["age"] = [f"{31.5 + k % 3}".replace(".", ",") for k in range(120)]
    frame.to_csv(tmp_path / "d.csv", sep=";", index=False)
    said = run("impute", dated / "model", tmp_path / "d.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0, said.output
    found = pd.read_csv(tmp_path / "out.csv", sep=";", decimal=",")
    assert found["born"].str.fullmatch(r"\d\d\.\d\d\.\d{4}").all() and found["born"][0] == "01.01.1980"
    assert found["age"].head(3).tolist() == [31.5, 32.5, 33.5]  # also where the model is one of whole numbers


def test_rows_with_a_date(dated, tmp_path):
    out = tmp_path / "out.csv"
    said = run("sample", dated / "model", "-n", 3, "--given", "born=1985-01-01", "-o", out)
    assert said.exit_code == 0 and pd.read_csv(out)["born"].tolist() == ["1985-01-01"] * 3, said.output
    said = run("sample", dated / "model", "--given", "born=3/4/1985", "-o", out, "--force")
    assert said.exit_code == 2 and "year-month-day" in said.output


@pytest.mark.filterwarnings("ignore")
def test_a_file_and_a_frame_of_it_have_one_score(dated):
    file, path = aevum.load(dated / "model"), str(dated / "d.csv")
    text, dates = pd.read_csv(path), pd.read_csv(path, parse_dates=["born"])
    frame = aevum.VAE(1, hidden=8, epochs=2, random_state=0).fit(dates)
    for model in (file, frame):
        scores = model.score_samples(path)
        for other in (text, dates, pd.read_parquet(dated / "d.parquet"), str(dated / "d.parquet")):
            np.testing.assert_allclose(model.score_samples(other), scores, rtol=1e-5)
        with pytest.raises(aevum.InputError, match="born"):
            file.score_samples(dates.assign(born="hello"))
    np.testing.assert_allclose(file.score_samples(aevum.open_data(path).x), file.score_samples(path), rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_dates_beside_numbers_with_any_likelihood(dated, tmp_path):
    pd.read_parquet(dated / "d.parquet").dropna()[["age", "born"]].to_csv(tmp_path / "n.csv", index=False)
    for model in (aevum.VAE(1, hidden=8, epochs=1, likelihood="gaussian"), aevum.AE(1, hidden=8, epochs=1)):
        again = model.fit(str(tmp_path / "n.csv")).reconstruct(str(tmp_path / "n.csv"))
        assert again["born"].dtype.kind == "M"


def test_a_class_that_the_model_does_not_know_stays(saved, tmp_path):
    frame = people().assign(job=lambda made: made["job"].where(made.index != 7, "plumber"))
    frame.to_csv(tmp_path / "new.csv", index=False)
    said = run("impute", saved / "people", tmp_path / "new.csv", "-o", tmp_path / "out.csv", "--k", 20)
    assert said.exit_code == 0 and pd.read_csv(tmp_path / "out.csv")["job"][7] == "plumber", said.output


def test_numbers_are_filled_with_the_sign_of_the_others():
    own, made = ["51%", "", "7 %"], np.array([51.0, 42.5, 7.0])
    read = np.where(np.arange(3) == 1, np.nan, made)
    assert with_own(own, made, read, text=True).tolist() == ["51%", "42.5%", "7 %"]
    assert with_own(["$5", "", "-$7"], -made, np.array([5.0, np.nan, -7.0]), text=True).tolist() == [
        "$5",
        "-$42.5",
        "-$7",
    ]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_no_file_has_a_type_for_is_text(ending, tmp_path):
    z = np.random.default_rng(0).normal(size=120)
    table = pd.DataFrame({
        "z": z,
        "part": pd.cut(z, [-np.inf, -1.0, 0.0, 1.0, np.inf]),
        "pair": pd.Categorical.from_codes((z > 0).astype(int), pd.Index([("a", 1), ("b", 2)], tupleize_cols=False)),
        "month": pd.PeriodIndex([pd.Period("2020-01", "M") + int(step) for step in np.round(9 * z)]),
        "length": pd.to_timedelta(np.round(3 * z) + 12, "h"),
    })  # fmt: skip
    aevum.VAE(1, **{**SMALL, "epochs": 2}).fit(table).save(tmp_path / "model")
    table.loc[3, ["part", "month", "length"]] = None
    table.to_csv(tmp_path / "gaps.csv", index=False)
    known = [word for each in ("part=(0.0, 1.0]", "pair=('b', 2)", "month=2020-05") for word in ("--given", each)]
    said = run("sample", tmp_path / "model", "-n", 3, *known, "-o", tmp_path / f"drawn.{ending}")
    assert said.exit_code == 0, said.output
    whole = run("impute", tmp_path / "model", tmp_path / "gaps.csv", "-o", tmp_path / f"whole.{ending}", "--k", 50)
    assert whole.exit_code == 0 and "3 cells of 120 rows filled" in whole.stdout, whole.output
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    drawn, filled = read(tmp_path / f"drawn.{ending}"), read(tmp_path / f"whole.{ending}")
    assert (drawn[["part", "pair", "month"]].to_numpy() == ["(0.0, 1.0]", "('b', 2)", "2020-05"]).all()
    assert set(filled["part"]) == set(map(str, table["part"].cat.categories)) and filled["month"].notna().all()


@pytest.mark.parametrize("made", [".csv", ".parquet"])
def test_dates_as_text_are_filled_in_their_form(dated, tmp_path, made):
    frame = pd.read_parquet(dated / "d.parquet")
    frame["born"] = frame["born"].dt.strftime("%d.%m.%Y")
    frame.to_parquet(tmp_path / "t.parquet")
    said = run("impute", dated / "model", tmp_path / "t.parquet", "-o", tmp_path / f"out{made}", "--k", 20)
    assert said.exit_code == 0, said.output
    found = (pd.read_csv if made == ".csv" else pd.read_parquet)(tmp_path / f"out{made}")["born"]
    assert found.str.fullmatch(r"\d\d\.\d\d\.\d{4}").all() and (found == frame["born"])[frame["born"].notna()].all()


@pytest.fixture(scope="module")
def priced(tmp_path_factory):
    """A folder with a table of cents, tenths, whole numbers, full digits and words, with gaps, and models of it."""
    folder, random = tmp_path_factory.mktemp("priced"), np.random.default_rng(0)
    frame = pd.DataFrame({
        "price": np.exp(3.0 + random.normal(size=200)).round(2),
        "share": (100.0 * random.beta(2, 3, size=200)).round(1),
        "count": random.poisson(30, size=200).astype(float),
        "exact": random.normal(size=200),
        "job": random.choice(["cook", "clerk"], size=200),
    })  # fmt: skip
    for place in range(5):
        frame.iloc[place::20, place] = None
    for name, made in (("words", frame), ("numbers", frame.drop(columns="job"))):
        made.to_csv(folder / f"{name}.csv", index=False)
        made.to_parquet(folder / f"{name}.parquet")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            aevum.VAE(1, hidden=8, epochs=2, random_state=0).fit(str(folder / f"{name}.csv")).save(folder / name)
    return folder


def decimals(values):
    return next((d for d in range(10) if (values == np.round(values, d)).all()), 10)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize("model", ["words", "numbers"])
def test_numbers_have_as_many_decimals_as_the_file_has(priced, tmp_path, model, ending):
    out, data = tmp_path / f"out{ending}", priced / f"{model}{ending}"
    for words in (
        ("sample", priced / model, "-n", 200),
        ("sample", priced / model, "--given", "count=20"),
        ("reconstruct", priced / model, data),
        ("impute", priced / model, data, "--k", 50),
        ("impute", priced / model, data, "--k", 50, "--draws", 2),
        ("impute", priced / model, data, "--k", 50, "--interval", 0.9),
    ):
        said = run(*words, "-o", out, "--force")
        assert said.exit_code == 0, said.output
        found = pd.read_csv(out) if ending == ".csv" else pd.read_parquet(out)
        assert (decimals(found["price"]), decimals(found["share"]), decimals(found["exact"])) == (2, 1, 10), words
        assert (model == "numbers" and words[0] == "reconstruct") or decimals(found["count"]) == 0, words
        if "--interval" in words:
            assert decimals(found["price_low"]) == 2 and decimals(found["share_high"]) == 1


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """A folder with a Parquet file of many types, with gaps and an index, and a run's model of it."""
    folder = tmp_path_factory.mktemp("typed")
    z = np.random.default_rng(0).normal(size=120)
    when = pd.Timestamp("2024-05-05T08:00Z") + pd.to_timedelta(np.round(720.0 * z), "h")
    frame = pd.DataFrame({
        "a": z.round(3),
        "level": pd.Categorical(np.digitize(z, [-0.5, 0.5]), [0, 1, 2]).rename_categories(["lo", "mid", "hi"]),
        "ok": pd.array(z > 0.0, dtype="boolean"),
        "small": np.round(10.0 * z).astype("int8"),
        "single": z.astype("float32").round(2),
        "when": when.tz_convert("Europe/Berlin").as_unit("us"),
        "length": pd.to_timedelta(np.round(10.0 * z + 100.0), "m").as_unit("us"),
    }, index=pd.Index([f"k{k}" for k in range(120)], name="key"))  # fmt: skip
    frame["level"] = frame["level"].cat.as_ordered()
    for name in ("level", "ok", "when", "length"):
        frame.loc["k3", name] = None
    frame.to_parquet(folder / "t.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = aevum.open_data(folder / "t.parquet", drop="key")
        assert [column.kind for column in data.columns[-2:]] == ["date", "duration"] and data.columns[1].ordered
        aevum.VAE(1, **{**SMALL, "epochs": 1}).fit(data).save(folder / "model")
    return folder, frame


def test_a_parquet_files_types_come_back(typed, tmp_path):
    folder, frame = typed
    said = run("sample", folder / "model", "-n", 40, "-o", tmp_path / "drawn.parquet", "--seed", 0)
    assert said.exit_code == 0, said.output
    drawn = pd.read_parquet(tmp_path / "drawn.parquet")
    assert drawn.dtypes.to_dict() == frame.dtypes.to_dict()
    words = (folder / "model", folder / "t.parquet", "--k", 20)
    said = run("impute", *words, "-o", tmp_path / "whole.parquet", "--interval", 0.5)
    assert said.exit_code == 0 and "4 cells of 120 rows filled" in said.output, said.output
    whole = pd.read_parquet(tmp_path / "whole.parquet")
    assert whole.index.equals(frame.index) and not whole.isna().any(axis=None)
    assert str(whole["when_low"].dtype) == str(whole["when_high"].dtype) == "datetime64[us, Europe/Berlin]"
    pd.testing.assert_frame_equal(whole[list(frame)].drop(index="k3"), frame.drop(index="k3"))
    said = run("impute", *words, "-o", tmp_path / "whole.csv")
    assert said.exit_code == 0, said.output
    text = pd.read_csv(tmp_path / "whole.csv", dtype=str)
    assert text["when"].str.fullmatch(r"2024-\d\d-\d\d \d\d:\d\d:\d\d\+0[12]:00").all()
    assert text["length"].str.fullmatch(r"0 days 0\d:\d\d:\d\d").all() and text["single"].str.len().max() <= 5


def test_dates_keep_their_zone(typed, tmp_path):
    folder, frame = typed
    said = run("sample", folder / "model", "-n", 2, "--given", "when=2024-05-05T08:00Z", "-o", tmp_path / "berlin.csv")
    assert said.exit_code == 0, said.output
    assert pd.read_csv(tmp_path / "berlin.csv")["when"].tolist() == ["2024-05-05 10:00:00+02:00"] * 2
    when = frame["when"].dt.tz_convert("UTC").fillna(frame["when"].iloc[0])
    text = pd.DataFrame({
        "a": frame["a"],
        "late": when.dt.strftime("%Y-%m-%d %H:%M:%S+02:00"),
        "utc": when.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "plain": when.dt.strftime("%Y-%m-%d %H:%M:%S"),
    })  # fmt: skip
    text.loc[["k3", "k4"], ["late", "utc", "plain"]] = None
    text.to_csv(tmp_path / "t.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        aevum.VAE(1, **{**SMALL, "epochs": 1}).fit(str(tmp_path / "t.csv")).save(tmp_path / "model")
    known = ("--given", "late=2024-05-05T10:00+02:00")
    said = run("sample", tmp_path / "model", "-n", 2, *known, "-o", tmp_path / "drawn.csv")
    assert said.exit_code == 0, said.output
    drawn = pd.read_csv(tmp_path / "drawn.csv")
    assert drawn["late"].tolist() == ["2024-05-05 10:00:00+02:00"] * 2
    assert drawn["utc"].str.endswith("+00:00").all() and not drawn["plain"].str.contains("+", regex=False).any()
    run("sample", tmp_path / "model", "-n", 2, "-o", tmp_path / "drawn.parquet")
    types = pd.read_parquet(tmp_path / "drawn.parquet").dtypes.astype(str).tolist()
    assert types[1:] == ["datetime64[us, UTC+02:00]", "datetime64[us, UTC]", "datetime64[us]"]
    for ending in ("csv", "parquet"):
        words = ("--k", 20, "--interval", 0.9, "-o", tmp_path / f"whole.{ending}")
        assert run("impute", tmp_path / "model", tmp_path / "t.csv", *words).exit_code == 0
    whole = pd.read_csv(tmp_path / "whole.csv")
    assert whole[["late", "late_low", "late_high"]].apply(lambda each: each.str.endswith("+02:00")).all(axis=None)
    assert whole[["utc", "utc_low", "utc_high"]].apply(lambda each: each.str.endswith("Z")).all(axis=None)
    assert pd.read_parquet(tmp_path / "whole.parquet")["late_low"].dt.tz is not None
    model = aevum.load(tmp_path / "model")
    filled = model.impute(text, k=20)
    assert filled["late"].str.fullmatch(r"[\d-]{10} [\d:]{8}\+02:00").all()
    assert filled["utc"].str.fullmatch(r"[\d-]{10}T[\d:]{8}Z").all()
    times = text.assign(late=pd.to_datetime(text["late"], utc=True).dt.tz_convert("Asia/Tokyo"))
    times["utc"] = pd.to_datetime(text["utc"], utc=True).dt.tz_localize(None)
    assert model.impute(times, k=20).dtypes.to_dict() == times.dtypes.to_dict()


@pytest.mark.filterwarnings("ignore:.*without the sign")
def test_signs_come_back_in_samples_and_may_be_given(tmp_path):
    z = np.random.default_rng(0).normal(size=120)
    table = pd.DataFrame({
        "a": z.round(3),
        "share": [f"{value:.0f}%" for value in 50.0 + 9.0 * z],
        "price": [f"${value:,.2f}" for value in np.exp(8.0 + z)],
    })  # fmt: skip
    table.loc[3:5, "share"] = None
    table.to_csv(tmp_path / "t.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = aevum.VAE(1, **{**SMALL, "epochs": 1}).fit(str(tmp_path / "t.csv"))
    model.save(tmp_path / "model")
    for known in ("share=51%", "share=51"):
        words = ("--given", known, "--given", "price=$1,234.50", "--force", "-o")
        said = run("sample", tmp_path / "model", "-n", 3, *words, tmp_path / "drawn.csv")
        assert said.exit_code == 0, said.output
        drawn = pd.read_csv(tmp_path / "drawn.csv")
        assert drawn["share"].tolist() == ["51%"] * 3 and drawn["price"].tolist() == ["$1,234.50"] * 3
    drawn = model.sample(50, random_state=0)
    assert drawn["share"].str.fullmatch(r"-?\d+%").all() and drawn["price"].str.fullmatch(r"\$[\d,]+\.\d\d").all()
    np.testing.assert_allclose(model.score_samples(table), model.score_samples(str(tmp_path / "t.csv")), rtol=1e-5)
    said = run("sample", tmp_path / "model", "-n", 3, "-o", tmp_path / "drawn.npy")
    assert said.exit_code == 0 and np.load(tmp_path / "drawn.npy").shape == (3, 3), said.output
    table["share"] = table["share"].str.replace("%", " %")
    table.to_csv(tmp_path / "t.csv", index=False)
    said = run("impute", tmp_path / "model", tmp_path / "t.csv", "--k", 20, "-o", tmp_path / "whole.csv")
    assert said.exit_code == 0, said.output
    whole = pd.read_csv(tmp_path / "whole.csv")
    assert whole["share"].str.fullmatch(r"\d+ %").all() and whole["price"].tolist() == table["price"].tolist()
