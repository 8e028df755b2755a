"""The command that looks at everything around an installation: doctor."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.doctor.answers import Address
    from digest.doctor.check import Check
    from digest.net.dns import Dns
    from digest.pipeline.installation import Installation

app = typer.Typer()
MAILBOX = "mailbox"  # in the place of a path
_LATEST = 50  # mails of it that are looked through


@app.command()
def doctor(
    send: Annotated[
        str, typer.Option("--send", metavar="ADDRESS", help="Only send a probe there, to see what arrives.")
    ] = "",
    received: Annotated[
        Path | None,
        typer.Option(
            "--received",
            metavar="PATH",
            help="Only compare the probe in this file or folder, or in the `mailbox` of [inbound].",
        ),
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option(
            "--address", metavar="IP", help="From which mail leaves for the world; may be repeated."
        ),
    ] = None,
    nameserver: Annotated[
        str,
        typer.Option("--nameserver", metavar="IP", help="The DNS server to be asked, not this machine's."),
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at domain, relay, pages and machine: what is right, what is not, and what to do; exit code 1 where something failed.

    It changes nothing, and mails nobody but who is named with --send.
    """
    from digest.net.dns import Dns

    if send:
        _send(config, send, as_json=as_json)
    elif received:
        _tell(_compared(config, received, Dns(nameserver)), as_json=as_json)
    else:
        _tell(_rounds(config, Dns(nameserver), _addresses(address or [])), as_json=as_json)


def _rounds(config: Path | None, dns: Dns, addresses: tuple[Address, ...]) -> Iterable[Check]:
    from digest.config import load
    from digest.doctor.rounds import Patient, rounds

    return rounds(Patient(load(shell.config_path(config)), dns.look, shell.now, addresses))


def _compared(config: Path | None, received: Path, dns: Dns) -> Iterable[Check]:
    from digest.doctor.probe import compare

    with shell.installation(config) as installation:
        yield from compare(installation, _mails(installation, received), dns.look)


def _mails(installation: Installation, place: Path) -> Iterable[bytes]:
    from digest.deliver.inbound.files import mails
    from digest.deliver.inbound.imap import latest
    from digest.errors import DigestError
    from digest.wiring import mailbox_of

    if str(place) != MAILBOX:
        return mails(place)
    box = mailbox_of(installation.settings)
    if box is None:
        raise DigestError("No mailbox is set: see [inbound] imap, or name a file with what arrived.")
    return latest(box, _LATEST)


def _send(config: Path | None, address: str, *, as_json: bool) -> None:
    from digest.doctor.probe import send

    with shell.installation(config) as installation:
        number, said = send(installation, address, shell.now())
    if as_json:
        shell.emit({"probe": number, "to": address, "said": said})
        return
    shell.say(f"Probe {number} to {address}: {said}.")
    shell.say("Save what arrives as it is (“show original”, “save as”), then: digest doctor --received FILE")


def _addresses(texts: list[str]) -> tuple[Address, ...]:
    from ipaddress import ip_address

    try:
        return tuple(ip_address(text) for text in texts)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--address") from None


def _tell(checks: Iterable[Check], *, as_json: bool) -> None:
    """Say each check as soon as it is known; a program gets one line for each."""
    from digest.doctor.check import any_failed

    told = []
    for check in checks:
        told.append(check)
        if as_json:
            shell.emit(
                {"about": check.about, "level": check.level.value, "found": check.found, "todo": check.todo}
            )
        else:
            shell.say(str(check))
    if any_failed(told):
        raise typer.Exit(1)
