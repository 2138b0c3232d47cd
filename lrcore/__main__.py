"""The command `lrcore`, also as `python -m lrcore`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command, or say what to install."""
    try:
        from lrcore._cli import run

        code = run()
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in ("typer", "rich"):
            raise
        sys.exit(f"lrcore: the command needs {library}: pip install 'lrcore[cli]'")
    sys.exit(code)


if __name__ == "__main__":
    main()
