"""How fast mail leaves, beside nodemailer, smtplib, aiosmtplib and Postfix's smtp-source.

    make bench-deliver                    everything, five runs each; it installs the peers first
    python bench/deliver.py speed far     or some of: speed, far, signed, crowd
    python bench/deliver.py --short       a fifth of the messages, once

All in one run against the same sink: messages of 40 KB in two parts with personal links, over ten connections. What is
ours includes its ledger, on SQLite with ``synchronous=FULL``. Posts, people and places are made up.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "delivering"), str(HERE.parent / "tests")]

import crowd as crowds  # noqa: E402  after the path to it
import race  # noqa: E402
import signing  # noqa: E402

MESSAGES = {
    "digest": 4_000,
    "nodemailer, pooled": 500,
    "smtplib, EmailMessage": 300,
    "smtplib, kept open, ready bytes": 1_000,
    "aiosmtplib, ready bytes": 1_000,
    "smtp-source": 8_000,
}
GOALS = {"nodemailer, pooled": 7.0, "smtplib, EmailMessage": 14.0, "aiosmtplib, ready bytes": 2.5}
CPU_GOAL = 12.0  # times less than nodemailer
SOURCE_GOAL = 0.75
FAR_MESSAGES = {"digest": 3_000, "smtplib, kept open, ready bytes": 500, "aiosmtplib, ready bytes": 500}
FAR_GOAL, FAR_MILLISECONDS, TURNS_GOAL = 3.5, 20, 1.15
SIGNATURE_GOAL, DKIMPY_GOAL = 1.25, 25.0  # times the bare call; times less than dkimpy
SIGNED_GOALS = {1: 6.0, 2: 9.0}  # times nodemailer with DKIM, by processes
FEW, MANY, MEMORY_GOAL, ROWS_GOAL = 10_000, 1_000_000, 1.2, 200_000
RUNS = 5


def speed(runs: int, share: float) -> Iterator[str]:
    """Against the sink that costs next to nothing, and Postfix's own."""
    names = [name for name in MESSAGES if not race.missing(name)]
    yield from (race.missing(name) for name in MESSAGES if race.missing(name))
    with race.cheap_sink() as place:
        times = race.race({name: (race.SENDERS[name], _some(name, share)) for name in names}, place, runs)
    yield "our own sink, messages a second and processor time a message"
    for name, taken in times.items():
        yield f"  {name:34} {1 / taken.seconds:8.0f}/s {taken.cpu * 1000:9.3f} ms{_verdict(times, name)}"
    if "smtp-source" in names:
        yield from _beside_postfix(runs, share)


def _verdict(times: dict[str, race.Time], name: str) -> str:
    if name not in GOALS:
        return ""
    ratio, goal = times[name].seconds / times["digest"].seconds, GOALS[name]
    verdict = f"  digest is × {ratio:.1f} (goal × {goal}: {_word(ratio >= goal)})"
    if name.startswith("nodemailer"):
        less = times[name].cpu / times["digest"].cpu
        verdict += (
            f", takes 1/{less:.1f} of its processor time (goal 1/{CPU_GOAL:.0f}: {_word(less >= CPU_GOAL)})"
        )
    return verdict


def _beside_postfix(runs: int, share: float) -> Iterator[str]:
    with race.postfix_sink() as place:
        both = {name: (race.SENDERS[name], _some(name, share)) for name in ("digest", "smtp-source")}
        times = race.race(both, place, runs)
    ratio = times["smtp-source"].seconds / times["digest"].seconds
    yield "Debian's smtp-sink"
    yield f"  smtp-source -d -s 10 (the ceiling)  {1 / times['smtp-source'].seconds:8.0f}/s"
    yield f"  digest                              {1 / times['digest'].seconds:8.0f}/s  × {ratio:.2f} (goal × {SOURCE_GOAL}: {_word(ratio >= SOURCE_GOAL)})"


def far(runs: int, share: float) -> Iterator[str]:
    """At a relay 20 ms away."""
    messages = {name: round(count * share) for name, count in FAR_MESSAGES.items() if not race.missing(name)}
    with race.cheap_sink() as near, race.away(near, FAR_MILLISECONDS) as (place, network):
        times = race.race(
            {name: (race.SENDERS[name], count) for name, count in messages.items()}, place, runs
        )
        turns_before = _turns(network)
        race.SENDERS["digest"](place, messages["digest"])
        turns = (_turns(network) - turns_before) / messages["digest"]
    yield f"a relay {FAR_MILLISECONDS} ms away"
    for name, taken in times.items():
        ratio = taken.seconds / times["digest"].seconds
        verdict = (
            "" if name == "digest" else f"  × {ratio:.2f} (goal × {FAR_GOAL}: {_word(ratio >= FAR_GOAL)})"
        )
        waits = taken.seconds * race.CONNECTIONS * 1000 / FAR_MILLISECONDS
        yield f"  {name:34} {1 / taken.seconds:8.0f}/s, {waits:.2f} × 20 ms a message{verdict}"
    yield f"  digest waits for {turns:.2f} answers a message (goal {TURNS_GOAL}: {_word(turns <= TURNS_GOAL)})"


def signed(runs: int, share: float) -> Iterator[str]:
    """With DKIM by RSA-2048."""
    with race.cheap_sink() as place:
        peer = race.PEERS if race.PEERS.exists() else None
        one = signing.measured(place.folder, place.mail, peer, runs)
        yield from _signature(one)
        key = place.folder / f"{signing.SELECTOR}.pem"
        senders = {"digest, signing": (partial(race.ours, key=key), _some("digest", share))}
        senders["digest, signing, two processes"] = (
            partial(race.ours, key=key, processes=2),
            _some("digest", share),
        )
        if not race.missing("nodemailer"):
            senders["nodemailer, signing"] = (
                partial(race.nodemailer, key=key),
                _some("nodemailer, pooled", share),
            )
        times = race.race(senders, place, runs)
    for name, taken in times.items():
        yield f"  {name:34} {1 / taken.seconds:8.0f}/s {taken.cpu * 1000:9.3f} ms"
    for processes, name in ((1, "digest, signing"), (2, "digest, signing, two processes")):
        if "nodemailer, signing" in times:
            ratio, goal = times["nodemailer, signing"].seconds / times[name].seconds, SIGNED_GOALS[processes]
            yield f"  {name}: × {ratio:.1f} of nodemailer (goal × {goal:.0f}: {_word(ratio >= goal)})"


def _signature(one: signing.Signing) -> Iterator[str]:
    ratio = one.ours / one.bare
    yield "a DKIM signature by RSA-2048, ms of processor time"
    yield f"  the bare call {one.bare:.3f}, ours {one.ours:.3f}: × {ratio:.2f} (goal × {SIGNATURE_GOAL}: {_word(ratio <= SIGNATURE_GOAL)})"
    if one.dkimpy is not None:
        less = one.dkimpy / one.ours
        yield f"  dkimpy {one.dkimpy:.2f}: × {less:.0f} of ours (goal × {DKIMPY_GOAL:.0f}: {_word(less >= DKIMPY_GOAL)})"


def crowd(_runs: int, share: float) -> Iterator[str]:
    """The audience of a million, and its memory beside that of ten thousand; once each."""
    few, many = crowds.measured(FEW, 10 * share), crowds.measured(MANY, 10 * share)
    ratio = many.memory / few.memory
    yield "an audience, its rows written and the first messages sent"
    for readers, taken in ((FEW, few), (MANY, many)):
        yield f"  {readers:9,} readers: {taken.rows_a_second:9,.0f} rows/s, then {taken.messages_a_second:6.0f} messages/s, {taken.memory:.0f} MB at most"
    yield f"  memory × {ratio:.2f} (goal × {MEMORY_GOAL}: {_word(ratio <= MEMORY_GOAL)}), rows (goal {ROWS_GOAL:,}/s: {_word(many.rows_a_second >= ROWS_GOAL)})"


def _turns(network: subprocess.Popen[str]) -> int:
    assert network.stdin
    assert network.stdout
    network.stdin.write("turns\n")
    network.stdin.flush()
    return int(network.stdout.readline())


def _some(name: str, share: float) -> int:
    return max(50, round(MESSAGES[name] * share))


def _word(met: bool) -> str:
    return "met" if met else "short"


PARTS = {"speed": speed, "far": far, "signed": signed, "crowd": crowd}


def main(arguments: list[str]) -> None:
    short = "--short" in arguments
    for name in [word for word in arguments if word in PARTS] or PARTS:
        for line in PARTS[name](1 if short else RUNS, 0.2 if short else 1.0):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
