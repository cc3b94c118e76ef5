"""``aevum reproduce``: published experiments, run again."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from aevum.cli.completing import Words
from aevum.cli.options import JSON, epilogue, whole_from
from aevum.cli.output import print_json, print_pairs
from aevum.cli.plain import say
from aevum.cli.progress import busy
from aevum.numerals import number

if TYPE_CHECKING:
    from aevum.protocols import Outcome, Protocol

WIDE = 250
NO_REPRODUCTION = "a quick run of few rows and epochs: whether it works, and no reproduction"


def _names() -> list[str]:
    from aevum.protocols import PROTOCOLS

    return [*PROTOCOLS]


@click.command(
    epilog=epilogue(
        "aevum reproduce                                    which there are, and what they gave",
        "aevum reproduce mnist-vae",
        "aevum reproduce frey-faces --data-dir data/",
        "aevum reproduce mnist-nll --data-dir data/ --quick whether it would run",
    )
)
@click.argument("name", required=False, type=Words(_names, files=False))
@click.option(
    "--data-dir", metavar="DIR", help="Folder of the data.  [default: of MNIST the cache; nothing is downloaded]"
)
@click.option("--quick", is_flag=True, help="Seconds, of few rows and epochs: no reproduction.")
@click.option(
    "--seed", type=int, callback=whole_from(0, 2**32 - 1), default=0, metavar="S", help="Of the fit.  [default: 0]"
)
@JSON
def reproduce(name: str | None, data_dir: str | None, quick: bool, seed: int, as_json: bool) -> None:
    """Run the published experiment NAME, and set the figure beside the paper's; without NAME list them.

    Each is a protocol of a paper: its data, its model, its measure. Of each it is said what is not as in the paper, and
    where the paper's figure is the better one.
    """
    from aevum.protocols import PROTOCOLS, protocol
    from aevum.protocols import reproduce as run

    if name is None:
        print_json({"protocols": [_plain(each) for each in PROTOCOLS.values()]}) if as_json else _listed()
        return
    chosen = protocol(name)
    if not (quick or as_json):
        say(f"{chosen.name}: about {chosen.minutes:g} minutes on {chosen.ours.processor}")
    with busy(f"{chosen.name}: {chosen.says}", shown=not as_json):
        found = run(name, data_dir, quick=quick, seed=seed)
    if as_json:
        print_json({**_plain(chosen), "value": found.value, "quick": quick, "seed": seed, "figures": found.figures})
    else:
        _told(found)


def _listed() -> None:
    from rich.console import Console
    from rich.table import Table

    from aevum.protocols import PROTOCOLS
    from aevum.protocols.records import figure

    table = Table(
        "name",
        "what",
        "published",
        "ours",
        "measured",
        "minutes",
        "data",
        "paper",
        box=None,
        pad_edge=False,
        header_style="",
    )
    for each in PROTOCOLS.values():
        table.add_row(
            each.name, each.says, figure(each.published), figure(each.ours.value),
            f"{each.ours.date}, {each.ours.processor}", f"{each.minutes:g}", each.data.name, each.paper.short,
        )  # fmt: skip
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDE).print(table)


def _told(found: Outcome) -> None:
    from aevum.protocols.records import figure

    chosen = found.protocol
    ours = number(found.value, digits=5)
    if found.quick:
        ours += f"  ({NO_REPRODUCTION})"
    else:
        verdict = "better" if found.ahead > 0 else "worse" if found.ahead < 0 else "equal"
        ours += f"  ({verdict} by {number(abs(found.ahead), digits=2)})"
    print_pairs(
        {
            "protocol": f"{chosen.name}: {chosen.says}",
            "paper": chosen.paper,
            "measure": f"{chosen.measure}; less is better",
            "published": f"{figure(chosen.published)}  ({chosen.where})",
            "ours": ours,
            "last measured": f"{figure(chosen.ours.value)}  ({chosen.ours.date}, {chosen.ours.processor})",
            "not as there": chosen.differs or "nothing that we know of",
            "where we lose": chosen.loses or "nowhere in this protocol, as it was last measured",
        }
    )


def _plain(each: Protocol) -> dict[str, object]:
    return {
        "name": each.name,
        "what": each.says,
        "paper": str(each.paper),
        "where": each.where,
        "measure": each.measure,
        "published": each.published,
        "ours": each.ours.value,
        "date": each.ours.date,
        "processor": each.ours.processor,
        "minutes": each.minutes,
        "data": asdict(each.data),
        "differs": each.differs,
        "loses": each.loses,
    }
