"""The command `dockopt`."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from optimizer import __version__
from optimizer.cli.errors import REPORT_TO, Exit

COMMANDS = {"fix": "fix", "inspect": "inspect", "explain": "explain", "rules": "rules", "catalog": "catalog"}


class Commands(click.Group):
    """Commands whose modules are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command by name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"optimizer.cli.{COMMANDS[cmd_name]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant, or say which one may have been."""
        from optimizer.cli.names import did_you_mean

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            hint = did_you_mean(name, COMMANDS)
            if not hint and os.path.exists(name):
                hint = f" Did you mean 'dockopt fix {name}'?"
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dockopt", message="%(prog)s %(version)s")
def dockopt() -> None:
    """Make the images of Dockerfiles smaller, and explain every change.

    `dockopt fix --diff` shows what it would do; `dockopt explain NAME` tells more about a change.

    Exit codes: 0 fine; 1 `--check` found something; 2 wrong usage or unreadable input; 3 a fault of dockopt.
    """


def main() -> None:
    """Run the command line and exit."""
    # Trees and outcomes make hardly any cycles; looking for them less often saves a tenth of the time.
    gc.set_threshold(20_000)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with the given arguments and return the exit code."""
    try:
        code = dockopt.main(arguments, prog_name="dockopt", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return int(Exit.INPUT)
    except (click.Abort, KeyboardInterrupt):
        return int(Exit.INTERRUPTED)
    except (BrokenPipeError, SystemExit):
        # click leaves by SystemExit when a pipe is closed, and only then.
        # Python flushes stdout once more at exit; it shall find nothing to complain about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return int(Exit.PIPE_CLOSED)
    except Exception as error:
        return _fault(error)
    return int(code or 0)


def _fault(error: Exception) -> int:
    if os.environ.get("DOCKOPT_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    click.echo(f"dockopt: internal error: {type(error).__name__}: {error}", err=True)
    click.echo(f"This is a fault of dockopt, nothing is wrong with your files. Please report it: {REPORT_TO}", err=True)
    click.echo("With DOCKOPT_DEBUG=1 in the environment it tells where.", err=True)
    return int(Exit.FAULT)


if __name__ == "__main__":
    main()
