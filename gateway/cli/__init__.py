"""The command `gateway`: one file per job, loaded only when its command is called.

Start-up counts here: `gateway reconcile` of two records is to take under 1.5 s as a whole process.
"""

from __future__ import annotations

import importlib
import sys

import click

from gateway.errors import GatewayError

#: command -> (module, attribute, one line for --help)
COMMANDS = {
    "reconcile": ("gateway.cli.reconcile", "reconcile", "Files in, reconciliation out."),
    "read": ("gateway.cli.read", "read", "How a medicine or dose text is understood."),
    "compare": ("gateway.cli.read", "compare_names", "How two medicine names relate."),
    "rules": ("gateway.cli.rules", "rules", "The catalogue of discrepancy rules."),
    "audit": ("gateway.cli.audit", "audit", "Clinical audit packs."),
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
    """Run a command; a GatewayError is one line on stderr and its exit status, never a traceback."""
    try:
        gateway.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except GatewayError as error:
        click.echo(f"gateway: {error.words}", err=True)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
