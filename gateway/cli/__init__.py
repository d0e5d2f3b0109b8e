"""The command `gateway`: one file per job, loaded only when its command is called.

Start-up counts here: `gateway reconcile` of two records is to take under 1.5 s as a whole process.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import click

from gateway.errors import GatewayError

#: command -> (module, attribute, one line for --help)
COMMANDS = {
    "demo": ("gateway.cli.demo", "demo", "Three synthetic organisations, the gateway and its pages, on this machine."),
    "serve": ("gateway.cli.serve", "serve", "The gateway alone, on the settings' database."),
    "worker": ("gateway.cli.worker", "worker", "What runs by itself, in a process of its own."),
    "follow-up": ("gateway.cli.worker", "follow_up", "Fetch again, after discharge, what is due."),
    "source": ("gateway.cli.source", "source", "The organisations whose FHIR endpoints are asked."),
    "secret": ("gateway.cli.secret", "secret", "The key that encrypts the sources' credentials."),
    "arrivals": ("gateway.cli.arrivals", "arrivals", "Who is in the hospitals now, onto the worklist."),
    "reconcile": ("gateway.cli.reconcile", "reconcile", "Files in, reconciliation out."),
    "read": ("gateway.cli.read", "read", "How a medicine or dose text is understood."),
    "compare": ("gateway.cli.read", "compare_names", "How two medicine names relate."),
    "rules": ("gateway.cli.rules", "rules", "The catalogue of discrepancy rules."),
    "audit": ("gateway.cli.audit", "audit", "Clinical audit packs."),
    "labour": ("gateway.cli.labour", "labour", "What the work costs."),
    "ledger": ("gateway.cli.ledger", "ledger", "Verify the ledger, or export its head."),
    "user": ("gateway.cli.user", "user", "Accounts that may sign in."),
    "alias": ("gateway.cli.alias", "alias", "What people confirmed of names that cannot be read."),
    "terminology": ("gateway.cli.terminology", "terminology", "What vocabulary is loaded."),
    "load-demo": ("gateway.cli.load_demo", "load_demo", "Invented people into two FHIR R4 servers."),
}


class _Jobs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in COMMANDS.items()])


@click.command(cls=_Jobs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="medrec-gateway", prog_name="gateway")
def gateway() -> None:
    """MedRec Gateway: a patient's medicines from several organisations, lined up, explained, decided, counted."""


def main() -> None:
    """Run a command; whatever stops it is one line on stderr and its exit status, never a traceback.

    A traceback of a fault of our own may hold a record's words, so only its kind and place are said: status 70.
    """
    try:
        # Without standalone mode click does not raise its Exit but returns the status of it.
        status = gateway.main(standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), error.exit_code)
    except GatewayError as error:
        _stop(error.words, error.exit_status)
    except Exception as error:  # the last line of defence, see above
        _stop(f"a fault of the gateway itself ({type(error).__name__} at {_place(error)}); please report it", 70)
    sys.exit(status if isinstance(status, int) else 0)


def _stop(words: str, status: int) -> NoReturn:
    """Said in one line, whatever a path or a message may hold."""
    line = " ".join(words.split()).encode("utf-8", "backslashreplace").decode()
    click.echo(f"gateway: {line}", err=True)
    sys.exit(status)


def _place(error: Exception) -> str:
    """File and line of our own code nearest to the fault."""
    frames = traceback.extract_tb(error.__traceback__)
    last = next((f for f in reversed(frames) if "gateway" in Path(f.filename).parts), frames[-1])
    return f"{Path(last.filename).name}:{last.lineno}"
