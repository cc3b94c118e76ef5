"""``python -m aevum.protocols``: print docs/scoreboard.md."""

from aevum.protocols.scoreboard import scoreboard

if __name__ == "__main__":
    print(scoreboard(), end="")
