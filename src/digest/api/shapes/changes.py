"""What an editor wants changed in an issue, as JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from digest.api.shapes.words import (
    MOST,
    WHOLE,
    Day,
    Hour,
    Key,
    Line,
    Mailbox,
    Moment,
    Paragraphs,
    Place,
    Slug,
    Url,
    Wanted,
    Yes,
)
from digest.assemble.editing import Change, NewNote

Keys = Annotated[tuple[Key, ...], Field(max_length=MOST)]


class Move(Wanted):
    """A post under another theme."""

    post: Key
    theme: Slug


class Blurb(Wanted):
    """What is said of a post."""

    post: Key
    text: Paragraphs


class At(Wanted):
    """A post at a place in its theme, from 1."""

    post: Key
    place: Place


class Quotes(Wanted):
    """Which of the quotes found in a post are printed, by their numbers from 1."""

    post: Key
    numbers: Annotated[tuple[Place, ...], Field(max_length=MOST)]


class Excerpt(Wanted):
    """Words of a post that are printed as a quote, and who says them."""

    post: Key
    words: Paragraphs
    speaker: Line = ""


class Cut(Wanted):
    """What is left of a printed quote's words, cut at its ends."""

    quote: Key
    words: Paragraphs


class Speaker(Wanted):
    """Who says a printed quote; "" for nobody."""

    quote: Key
    speaker: Line


class Shown(Wanted):
    """The addresses of the videos, or of the related posts, that stand under a post."""

    post: Key
    urls: Annotated[tuple[Url, ...], Field(max_length=MOST)]


class Name(Wanted):
    """A name as it is spelt, and as it should be."""

    spelt: Line
    meant: Line


class NoteWanted(Wanted):
    """Words of the editor's own, a titled link, or both, at the head of a group or before all of them."""

    text: Paragraphs = ""
    url: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")] = ""
    title: Line = ""
    group: Line = ""


class ChangeWanted(Wanted):
    """What is to be changed; what is left out stays as it is. A post is named by its key or address."""

    title: Line | None = None
    subject: Line | None = None
    introduction: Paragraphs | None = None
    add: Keys = ()
    drop: Keys = ()
    later: Keys = ()
    move: Annotated[tuple[Move, ...], Field(max_length=MOST)] = ()
    blurbs: Annotated[tuple[Blurb, ...], Field(max_length=MOST)] = ()
    places: Annotated[tuple[At, ...], Field(max_length=MOST)] = ()
    pin: Keys = ()
    unpin: Keys = ()
    themes: Annotated[tuple[Slug, ...], Field(max_length=MOST)] = ()
    quotes: Annotated[tuple[Quotes, ...], Field(max_length=MOST)] = ()
    excerpts: Annotated[tuple[Excerpt, ...], Field(max_length=MOST)] = ()
    cuts: Annotated[tuple[Cut, ...], Field(max_length=MOST)] = ()
    speakers: Annotated[tuple[Speaker, ...], Field(max_length=MOST)] = ()
    best: Line | None = None
    hide: Annotated[tuple[Url, ...], Field(max_length=MOST)] = ()
    videos: Annotated[tuple[Shown, ...], Field(max_length=MOST)] = ()
    related: Annotated[tuple[Shown, ...], Field(max_length=MOST)] = ()
    names: Annotated[tuple[Name, ...], Field(max_length=MOST)] = ()
    notes: Annotated[tuple[NoteWanted, ...], Field(max_length=MOST)] = ()
    unnote: Keys = ()
    remember: Yes = False  # what of it can be a standing rule becomes one

    def change(self) -> Change:
        """The same as the verbs take it."""
        return Change(
            title=self.title,
            subject=self.subject,
            introduction=self.introduction,
            add=self.add,
            drop=self.drop,
            later=self.later,
            move=[(each.post, each.theme) for each in self.move],
            blurbs=[(each.post, each.text) for each in self.blurbs],
            places=[(each.post, each.place) for each in self.places],
            pin=self.pin,
            unpin=self.unpin,
            themes=self.themes,
            quotes=[(each.post, each.numbers) for each in self.quotes],
            excerpts=[(each.post, each.words, each.speaker) for each in self.excerpts],
            cuts=[(each.quote, each.words) for each in self.cuts],
            speakers=[(each.quote, each.speaker) for each in self.speakers],
            best=self.best,
            hide=self.hide,
            videos=[(each.post, each.urls) for each in self.videos],
            related=[(each.post, each.urls) for each in self.related],
            names=[(each.spelt, each.meant) for each in self.names],
            notes=[NewNote(each.text, each.url, each.title, each.group) for each in self.notes],
            unnote=self.unnote,
        )


class ApprovalWanted(Wanted):
    """An approval; ``goes_out_at`` where the issue goes out at another time than it stands."""

    goes_out_at: Moment | None = None


class ReasonWanted(Wanted):
    """Why something is done, for whoever looks at it later."""

    why: Line = ""


class DraftWanted(Wanted):
    """A draft of the next open slot, or (``today``) of an issue that goes out once it is approved."""

    today: Yes = False


class ExtraWanted(Wanted):
    """An extra issue, outside the schedule, with posts that an editor chose."""

    name: Slug
    day: Day | None = None  # today, in the digest's zone
    posts: Keys | None = None
    introduction: Paragraphs | None = None
    at: Hour | None = None  # local; once it is approved


class PostsWanted(Wanted):
    """Some posts, by their keys."""

    posts: Annotated[tuple[Key, ...], Field(min_length=1, max_length=MOST)]


class SendWanted(Wanted):
    """A send of an issue to its whole audience."""

    first_percent: Annotated[float, Strict(), Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    confirm_audience: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = (
        None  # the number, where it is large
    )


class SettlementWanted(Wanted):
    """A person's word on a message in doubt: it arrived, or it is to be sent once more."""

    address: Mailbox
    arrived: Yes
