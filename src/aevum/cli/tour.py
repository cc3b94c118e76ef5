"""``aevum tour``: a teacher's tour, kept with a run."""

from __future__ import annotations

import click

from aevum.cli.options import FORCE, JSON, epilogue
from aevum.cli.output import print_json
from aevum.cli.plain import one_line
from aevum.errors import InputError


@click.command(
    epilog=epilogue(
        "aevum tour runs/digits-vae lesson.json",
        "aevum tour runs/digits-vae                       what it has",
        "aevum tour runs/digits-vae --remove",
    )
)
@click.argument("run", metavar="RUN")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--remove", is_flag=True, help="Delete the tour that is kept with RUN.")
@FORCE
@JSON
def tour(run: str, file: str | None, remove: bool, force: bool, as_json: bool) -> None:
    """Keep the tour in FILE with RUN, or say which tour RUN has.

    A tour is a lesson on the page of aevum explore: steps of a title, a text and what the page shows. It is written on
    that page (Tour, then the pencil) and saved as a file. Kept with a run, it is found whenever the run is explored or
    exported, and stays where the run is trained anew.
    """
    from aevum.runs.tours import forget_tour, keep_tour, read_tour, titles, tour_of

    if remove and file is not None:
        raise InputError("--remove deletes the tour that is kept with RUN, and takes no FILE")
    if remove:
        gone = forget_tour(run)
        if as_json:
            print_json({"removed": gone})
        else:
            click.echo(f"removed {gone}")
        return
    place = None if file is None else keep_tour(run, file, overwrite=force)
    text = tour_of(run) if place is None else read_tour(place)
    if text is None:
        raise InputError(f"no tour is kept with {run}; aevum tour {run} FILE keeps one")
    title, steps = titles(text)
    if as_json:
        print_json({"title": title, "steps": steps, "file": place})
        return
    click.echo(f"{one_line(title)}{'' if place is None else f', kept in {place}'}")
    for number, step in enumerate(steps, 1):
        click.echo(f"  {number}  {one_line(step)}")
