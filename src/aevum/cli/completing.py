"""What the Tab key offers beyond names of commands and options: files, models, protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

# What an option's value is called where it names a file or a folder.
PLACES = ("RUN", "DATA", "DATA2", "DIR", "FILE", "PATH")


class Words(StringParamType):
    """Text, for which the shell offers some words, and files where it may name one."""

    def __init__(self, words: Callable[[], Sequence[str]] = tuple, *, files: bool = True) -> None:
        self.words, self.files = words, files

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The words that begin so; files the shell knows itself."""
        found = [CompletionItem(word) for word in self.words() if word.startswith(incomplete)]
        return found + [CompletionItem(incomplete, type="file")] * self.files


def complete_places(command: click.Command) -> None:
    """Let the shell offer files for every text of a command that names one."""
    for parameter in command.params:
        named = isinstance(parameter, click.Argument) or parameter.metavar in PLACES
        if named and type(parameter.type) is StringParamType:
            parameter.type = Words()
