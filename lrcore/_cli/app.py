"""The commands as one program: how it is called, its exit codes, and mistakes in one line."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

import lrcore
from lrcore._cli.asked import Mistake
from lrcore._cli.check import check
from lrcore._cli.choose import choose
from lrcore._cli.compare import compare
from lrcore._cli.diff import diff
from lrcore._cli.explain import explain
from lrcore._cli.finder import finder
from lrcore._cli.forecast import app as forecast
from lrcore._cli.list import list_
from lrcore._cli.plateau import plateau
from lrcore._cli.plot import plot
from lrcore._cli.read import read
from lrcore._cli.show import show
from lrcore._cli.verify import verify
from lrcore._cli.write import write
from lrcore._text.ascii import instead

app = typer.Typer(
    help="See a learning-rate schedule before you train with it.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its tables of options would cut examples and show Python's types
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _lrcore(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(lrcore.__version__)


app.command()(show)
app.command()(plot)
app.command("list")(list_)
app.command()(explain)
app.command()(diff)
app.command()(verify)
app.command()(choose)
app.command()(check)
app.command()(compare)
app.command()(finder)
app.command()(plateau)
app.add_typer(forecast, name="forecast")
app.command()(read)
app.command()(write)


def run(args: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, or the program's, and return its exit code.

    0 is done; 1 that `diff` found a difference, `verify` a mismatch, `check` an error, `finder` no suggestion, or the
    output was not read to its end; 2 a mistake in what was asked for, which is told in one line.
    """
    given = sys.argv[1:] if args is None else list(args)
    codecs.register_error("instead", instead)  # a terminal without π reads pi
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="instead")
    command = typer.main.get_command(app)
    try:
        code = command.main(given or ["--help"], prog_name="lrcore", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough, as `head` does: nothing is left to say, at exit neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Mistake as mistake:
        return _fail("lrcore", str(mistake))
    except typer.Abort:
        return 130
    except Exception as error:
        # What typer raises about arguments has no public class that all its versions share
        tell: Callable[[], str] | None = getattr(error, "format_message", None)
        if tell is None:
            raise
        context = getattr(error, "ctx", None)
        return _fail(context.command_path if context else "lrcore", tell())
    return code if isinstance(code, int) else 0


def _fail(where: str, message: str) -> int:
    print(f"{where}: {' '.join(message.split())}", file=sys.stderr)
    return 2
