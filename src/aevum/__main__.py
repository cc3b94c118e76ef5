"""``python -m aevum``."""

from aevum.cli import main

if __name__ == "__main__":
    main()
