"""The commands as one program: how it is called, its exit codes, and mistakes in one line."""

from __future__ import annotations

import builtins
import codecs
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated

import typer

import lrcore
from lrcore._cli.asked import Mistake
from lrcore._text.ascii import instead

COMMANDS = (
    "show",
    "plot",
    "list",
    "explain",
    "diff",
    "verify",
    "choose",
    "check",
    "compare",
    "finder",
    "plateau",
    "forecast",
    "read",
    "write",
    "studio",
)
"""Each is a file beside this one, and a function in it of the same name, or a `Typer` of several commands."""


def program(commands: Sequence[str]) -> typer.Typer:
    """The program with these commands. A command's file is imported here: each brings the tool that it shows."""
    app = typer.Typer(
        help="See a learning-rate schedule before you train with it.",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # its tables of options would cut examples and show Python's types
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_lrcore)
    for name in commands:
        module = import_module(f"lrcore._cli.{name}")
        command = getattr(module, f"{name}_" if hasattr(builtins, name) else name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _lrcore(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(lrcore.__version__)


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
    asked = given[:1] if given[:1] and given[0] in COMMANDS else COMMANDS
    command = typer.main.get_command(program(asked))
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
