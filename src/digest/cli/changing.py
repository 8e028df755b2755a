"""The options that say what an editor wants changed in an issue; ``edit`` and ``correct`` take the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from digest.cli import shell

if TYPE_CHECKING:
    from digest.assemble.editing import Change

T = TypeVar("T")

_Several = list[str] | None
_MOST_QUOTES = 20

# ── what may be changed ──────────────────────────────────────────────────────────────────────────

TitleOption = Annotated[str | None, typer.Option("--title", help="The title.")]
SubjectOption = Annotated[str | None, typer.Option("--subject", help="The subject line of the mail.")]
IntroductionOption = Annotated[
    str | None, typer.Option("--introduction", metavar="TEXT|FILE", help="What its editor says first.")
]
AddOption = Annotated[
    _Several,
    typer.Option("--add", metavar="POST", help="Take a stored post in (URL or key); a video becomes a pick."),
]
DropOption = Annotated[
    _Several, typer.Option("--drop", metavar="POST", help="Take a post out for good (URL or key).")
]
LaterOption = Annotated[
    _Several, typer.Option("--later", metavar="POST", help="Leave a post to the next issue.")
]
MoveOption = Annotated[
    _Several, typer.Option("--move", metavar="POST=THEME", help="Put a post under the theme of this slug.")
]
BlurbOption = Annotated[
    _Several, typer.Option("--blurb", metavar="POST=TEXT", help="What is said of a post.")
]
PlaceOption = Annotated[
    _Several,
    typer.Option("--place", metavar="POST=NUMBER", help="Its place under its theme; 1 is the first."),
]
PinOption = Annotated[
    _Several, typer.Option("--pin", metavar="POST", help="Keep a post at the head of its theme.")
]
UnpinOption = Annotated[_Several, typer.Option("--unpin", metavar="POST", help="Pin it no longer.")]
ThemesOption = Annotated[
    str | None,
    typer.Option("--themes", metavar="THEME,…", help="The themes that stand first, in this order."),
]
QuotesOption = Annotated[
    _Several,
    typer.Option(
        "--quotes",
        metavar="POST=1,3",
        help="Print these of its quotes, by their numbers in `digest explain POST`; 0 for none.",
    ),
]
ExcerptOption = Annotated[
    _Several,
    typer.Option(
        "--excerpt", metavar='"POST=WORDS — NAME"', help="Print these words of a post, as they stand in it."
    ),
]
CutOption = Annotated[
    _Several,
    typer.Option(
        "--cut", metavar="QUOTE=WORDS", help="Shorten a quote (its id) at its ends to these words of it."
    ),
]
SpeakerOption = Annotated[
    _Several,
    typer.Option("--speaker", metavar="QUOTE=NAME", help="Who says a quote (its id); - for nobody."),
]
BestOption = Annotated[
    str | None,
    typer.Option("--best", metavar="QUOTE", help="The quote of the week, by its id; empty for none."),
]
HideOption = Annotated[
    _Several, typer.Option("--hide", metavar="VIDEO", help="Show a video no longer (its address).")
]
VideosOption = Annotated[
    _Several,
    typer.Option(
        "--videos", metavar='"POST=URL URL"', help="The videos under a post, of those it offers; - for none."
    ),
]
RelatedOption = Annotated[
    _Several,
    typer.Option(
        "--related",
        metavar='"POST=URL URL"',
        help="The related posts under a post, of those it offers; - for none.",
    ),
]
NameOption = Annotated[
    _Several,
    typer.Option("--name", metavar="AS_IT_IS=AS_IT_SHOULD_BE", help="Spell a person's name otherwise."),
]

UnnoteOption = Annotated[
    _Several, typer.Option("--unnote", metavar="NOTE", help="Take a note out, by its id.")
]


def change_of(
    title: TitleOption = None,
    subject: SubjectOption = None,
    introduction: IntroductionOption = None,
    add: AddOption = None,
    drop: DropOption = None,
    later: LaterOption = None,
    move: MoveOption = None,
    blurb: BlurbOption = None,
    place: PlaceOption = None,
    pin: PinOption = None,
    unpin: UnpinOption = None,
    themes: ThemesOption = None,
    quotes: QuotesOption = None,
    excerpt: ExcerptOption = None,
    cut: CutOption = None,
    speaker: SpeakerOption = None,
    best: BestOption = None,
    hide: HideOption = None,
    videos: VideosOption = None,
    related: RelatedOption = None,
    name: NameOption = None,
    unnote: UnnoteOption = None,
) -> Change:
    """What the options ask for.

    Raises:
        typer.BadParameter: one with two parts has only one, or a part that cannot be read.
    """
    from digest.assemble.editing import Change

    return Change(
        title=title,
        subject=subject,
        introduction=None if introduction is None else shell.text_or_file(introduction),
        add=tuple(add or ()),
        drop=tuple(drop or ()),
        later=tuple(later or ()),
        move=_short(move, "POST=THEME", str),
        blurbs=_long(blurb, "POST=TEXT"),
        places=_short(place, "POST=NUMBER", int),
        pin=tuple(pin or ()),
        unpin=tuple(unpin or ()),
        themes=tuple((themes or "").replace(",", " ").split()),
        quotes=_short(quotes, "POST=1,3", _numbers),
        excerpts=tuple((post, *_signed(said)) for post, said in _long(excerpt, "POST=WORDS — NAME")),
        cuts=_long(cut, "QUOTE=WORDS"),
        speakers=tuple((quote, _unless_dash(who)) for quote, who in _long(speaker, "QUOTE=NAME")),
        best=best,
        hide=tuple(hide or ()),
        videos=tuple((post, _addresses(said)) for post, said in _long(videos, "POST=URL URL")),
        related=tuple((post, _addresses(said)) for post, said in _long(related, "POST=URL URL")),
        names=_long(name, "AS_IT_IS=AS_IT_SHOULD_BE"),
        unnote=tuple(unnote or ()),
    )


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    """The annotations of its parameters, evaluated; ``Change`` is imported only where it is made."""
    module = vars(inspect.getmodule(function))
    return get_type_hints(function, {**module, "Change": object}, include_extras=True)


def takes_changes(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose first argument is a ``Change``, as one that has the options of ``change_of`` in its place."""
    hints = {**_hints(change_of), **_hints(command)}
    _, *own = inspect.signature(command).parameters.values()
    options = inspect.signature(change_of).parameters

    @wraps(command)
    def with_options(**given: Any) -> None:
        change = change_of(**{option: given.pop(option) for option in options})
        command(change, **given)

    together = [
        each.replace(annotation=hints[each.name], kind=each.KEYWORD_ONLY)
        for each in (*own, *options.values())
    ]
    with_options.__signature__ = inspect.Signature(together)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in together}
    return with_options


# ── options with two parts ───────────────────────────────────────────────────────────────────────


def parted(sign: str, text: str) -> tuple[str, str]:
    """What stands before the first ``=``, and after it: words may have some of their own."""
    head, _, tail = text.partition(sign)
    return head, tail


def _after_last(sign: str, text: str) -> tuple[str, str]:
    """What stands before the last ``=``, and after it: an address may have some of its own."""
    head, _, tail = text.rpartition(sign)
    return head, tail


def _short(given: Sequence[str] | None, form: str, read: Callable[[str], T]) -> tuple[tuple[str, T], ...]:
    """``POST=…`` of which the second part never has a ``=``."""
    return tuple(_read(*_after_last("=", text), text, form, read) for text in given or ())


def _long(given: Sequence[str] | None, form: str) -> tuple[tuple[str, str], ...]:
    """``…=TEXT``; a post whose address has a ``=`` is named by its key."""
    return tuple(_read(*parted("=", text), text, form, str) for text in given or ())


def _read(head: str, tail: str, text: str, form: str, read: Callable[[str], T]) -> tuple[str, T]:
    try:
        if head and tail:
            return head, read(tail)
    except ValueError:
        pass
    raise typer.BadParameter(f"{text!r} cannot be read: write {form}")


def _signed(said: str) -> tuple[str, str]:
    """Words, and who says them, which may be left out."""
    words, dash, name = said.rpartition(" — ")
    return (words, name) if dash else (said, "")


def _unless_dash(text: str) -> str:
    return "" if text == "-" else text


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(_unless_dash(text).split())


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(map(int, text.split(",")[:_MOST_QUOTES]))
    return () if numbers == (0,) else numbers
