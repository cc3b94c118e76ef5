"""What is said of a run whose metrics.json is all that there is."""

from aevum.evaluation.verdicts import caveats, verdicts
from aevum.evaluation.wording import text_of, title_of


def verdict(metrics):
    found = verdicts(metrics)[0]
    return found.severity, title_of(found), text_of(found)


def test_verdicts():
    def latent(active, width, rate=True):
        return {
            "latent": {
                "active_units": active,
                "variance": [0.0] * width,
                "rate": [1.0] * active + [0.0] * (width - active) if rate else None,
                "collapsed": not active,
            },
            "parameters": {"beta": 4.0},
        }

    assert verdict(latent(0, 3))[:2] == ("bad", "Posterior collapse")
    assert "now 4" in verdict(latent(0, 3))[2]
    assert verdict(latent(0, 3, rate=False))[:2] == ("bad", "The codes do not vary")
    assert verdict(latent(3, 3))[:2] == ("good", "3 of 3 latent dimensions are active")
    assert verdict(latent(1, 3))[:2] == ("note", "1 of 3 latent dimensions is active")


def test_findings_that_were_written_are_read_back_as_they_were():
    written = {"kind": "few_steps", "severity": "bad", "numbers": {"steps": 3, "enough": 100}, "remedy": "train_longer"}
    found = verdicts({"findings": [{**written, "title": "old words", "text": "of another version"}]})
    assert [(one.kind, one.severity, one.remedy) for one in found] == [("few_steps", "bad", "train_longer")]
    assert title_of(found[0]) == "Hardly trained: 3 steps of the optimizer"


def test_a_loss_that_is_no_density_is_said():
    assert [one.severity for one in caveats({"likelihood": {"name": "bernoulli (binarize='soft')"}})] == ["note"]
    assert caveats({"likelihood": {"name": "gaussian:shared"}}) == []
