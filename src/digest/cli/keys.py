"""Commands for the keys that sign mail."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

app = typer.Typer(help="The keys that sign mail.", no_args_is_help=True)

FOLDER = Path("var/dkim")
_LONGEST_STRING = 255  # of a TXT record (RFC 1035, section 3.3)


@app.callback()
def keys() -> None:
    """The keys that sign mail."""


@app.command()
def dkim(
    selector: Annotated[
        str, typer.Argument(metavar="SELECTOR", help="The key's name, for example autumn2026.")
    ],
    ed25519: Annotated[
        bool, typer.Option("--ed25519", help="A key of Ed25519, to sign with beside one of RSA.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a DKIM key, once, and print its record for the DNS; an existing key is shown again."""
    from digest import config as configuration
    from digest.config.signing import read_signer, signing_domain, write_key
    from digest.deliver.dkim import check_selector, record

    check_selector(selector)
    file = shell.config_path(config)
    mail = configuration.load(file).mail
    path = file.parent / FOLDER / f"{selector}.pem"
    with suppress(FileExistsError):
        write_key(path, is_ed25519=ed25519)
    signer = read_signer(path, signing_domain(mail))
    text = record(signer)
    if as_json:
        shell.emit({"file": str(path), "name": signer.name, "type": "TXT", "value": text})
        return
    shell.say(f"The key is in {path}, which nobody but you may read.")
    shell.say("1. Publish this record in the DNS:")
    shell.say(f"   {signer.name}. IN TXT ( {' '.join(_strings(text))} )")
    if path not in mail.dkim_keys:
        named = [*mail.dkim_keys, path]
        shown = ", ".join(f'"{_shown(each, file.parent)}"' for each in named)
        shell.say(f"2. An hour later let mail be signed with it, in {file}: [mail] dkim_keys = [{shown}]")
    shell.say("digest doctor tells whether the record is there and fits.")


def _strings(text: str) -> list[str]:
    return [f'"{text[start : start + _LONGEST_STRING]}"' for start in range(0, len(text), _LONGEST_STRING)]


def _shown(path: Path, folder: Path) -> Path:
    return path.relative_to(folder) if path.is_relative_to(folder) else path
