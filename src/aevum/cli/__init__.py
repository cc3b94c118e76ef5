"""The command line: parse, call, print.

This room loads click only; each command loads what it needs when it runs, so that ``aevum --help`` answers at once.
"""

from __future__ import annotations

import logging

import click

from aevum.cli.completing import complete_places
from aevum.cli.evaluate import compare, evaluate
from aevum.cli.explore import explore
from aevum.cli.export import export
from aevum.cli.gaps import impute
from aevum.cli.info import datasets, info
from aevum.cli.mcp import mcp
from aevum.cli.outliers import outliers
from aevum.cli.plain import PlainGroup
from aevum.cli.recipes import imported
from aevum.cli.reproduce import reproduce
from aevum.cli.score import score
from aevum.cli.tour import tour
from aevum.cli.train import train
from aevum.cli.use import decode, encode, reconstruct, sample
from aevum.cli.walk import attribute, morph, traverse

__all__ = ["aevum", "main"]


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from aevum import __version__

        click.echo(f"aevum {__version__}")
        context.exit()


@click.group(cls=PlainGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say the version.")
@click.option(
    "--import",
    "own",
    multiple=True,
    metavar="FILE",
    help="A Python file of your own whose models are decorated by @aevum.register; again for several.",
)
@click.pass_context
def aevum(context: click.Context, own: tuple[str, ...]) -> None:
    """Auto-encoders and variational auto-encoders: train one, look at it, sample from it.

    \b
    Examples:
      aevum train                                  a VAE of handwritten digits, in seconds
      aevum train table.csv --labels species       your own data
      aevum sample runs/digits-vae -o digits.png   new digits
      aevum COMMAND --help                         options and examples of one command

    Exit codes: 0 done; 1 training failed; 2 bad input, in one line on stderr; 3 the model is saved, but not all beside
    it; 130, 143 and 129 stopped by Ctrl-C, SIGTERM and SIGHUP. Set AEVUM_DEBUG=1 for Python's traceback.
    """
    for each in own:
        imported(each)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


_USE = (sample, impute, reconstruct, encode, decode, morph, traverse, attribute, export)
for _command in (train, explore, tour, *_USE, evaluate, compare, score, outliers, info, datasets, mcp, reproduce):
    complete_places(_command)
    aevum.add_command(_command)


def main() -> None:
    """Run the command line on ``sys.argv`` and exit."""
    logging.getLogger("aevum").setLevel(logging.WARNING)  # the commands print what the estimators would say
    aevum.main(prog_name="aevum")
