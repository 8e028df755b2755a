"""Posts composed of independent choices: heading × item × topic × speaker × language × surroundings.

Each choice is one habit that real posts have; ``compose(seed)`` takes one of each and says what is to be read. A habit
is a function from words to HTML, so that a new one is one line in a table. What the words are is in
``composed_words.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from composed_markup import (
    AROUND_ALL,
    BEFORE,
    BETWEEN,
    BLOCK_SIGNATURES,
    DECORATIONS,
    DECOYS,
    ENDINGS,
    FRAMES,
    HEADINGS,
    INLINE_TOPICS,
    LINKS,
    MARKED,
    PLAYER_TITLES,
    PLAYERS,
    QUOTES,
    SECTIONS,
    SIGNATURES,
    SUFFIXES,
    THEMES,
    TOPICS,
    UNLINKED,
    WATCHED,
)

WORDS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("composed_words.toml").read_text("utf-8")
)
RTL = {"fa", "ar"}
SITE = "https://odde.example"


@dataclass
class Expected:
    """What a reader would underline."""

    summary: str = ""
    themes: list[tuple[str, str]] = field(default_factory=list)
    quotes: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)  # words, speaker, topics
    posts: list[tuple[str, str]] = field(default_factory=list)
    videos: list[tuple[str, str, str]] = field(default_factory=list)  # title, platform, id


@dataclass
class Composition:
    """A post, how it was composed, and what is to be read in it."""

    language: str
    title: str
    html: str
    expected: Expected
    choices: dict[str, str]


def heading(form: str, decoration: str, text: str, number: int) -> str:
    """A section's heading."""
    return HEADINGS[form][1].format(DECORATIONS[decoration](text, number))


# ── putting it together ──────────────────────────────────────────────────────────────────────────


class _Composer:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.choices: dict[str, str] = {}
        self.language = self.choose("language", list(WORDS))
        self.words = WORDS[self.language]
        self.people = [tuple(each) for each in self.words["people"]]
        self.random.shuffle(self.people)
        self.expected = Expected()
        self.form = self.choose("heading", list(HEADINGS))
        self.decoration = self.choose("decoration", list(DECORATIONS))
        self.rank = HEADINGS[self.form][0]
        self.english = self.choose("headings", ["own", "own", "own", "English"]) == "English"
        self.around = "{}"
        if self.rank < 7 and self.choose("sections", list(SECTIONS)):
            self.around = SECTIONS[self.choices["sections"]]

    def choose(self, what: str, among: Sequence[str]) -> str:
        """One of these, remembered."""
        chosen = self.random.choice(list(among))
        self.choices[what] = chosen
        return chosen

    def compose(self) -> Composition:
        telling = self.language != "pt"  # where its article "o" may be the Polish "on"
        known = self.choose("language known", ["yes"] * 9 + ["no"] * telling) == "yes"
        language = self.language if known else ""
        named = self.people if not language else self.people[: self.random.choice([2, 3])]
        lead = self.words["lead"].format(people=f" {self._and()} ".join(name for name, _ in named))
        self.expected.summary = lead
        parts = [self._themes, self._quotes, self._posts, self._videos]
        middle = self.random.sample(parts[:2], 2) + self.random.sample(parts[2:], 2)
        between = BETWEEN[self.choose("between", list(BETWEEN))]
        texts = [self.around.format(part(i)) for i, part in enumerate(middle)]
        if self.choose("decoy", ["no", "no", *DECOYS]) != "no" and not self._looks_alike():
            texts.insert(self.random.randrange(len(texts)), self._decoy(DECOYS[self.choices["decoy"]]))
        before = BEFORE[self.choose("before", list(BEFORE))]
        html = f"{before}<p>{lead}</p>{self._contents()}{between.join(texts)}{self._around()}"
        html = AROUND_ALL[self.choose("around all", list(AROUND_ALL))].format(html)
        if self.language in RTL:
            html = f'<div dir="rtl">{html}</div>'
        return Composition(language, self._title(), html, self.expected, self.choices)

    def _and(self) -> str:
        return {
            "en": "and",
            "de": "und",
            "fr": "et",
            "es": "y",
            "pt": "e",
            "it": "e",
            "nl": "en",
            "pl": "i",
        }.get(self.language, {"tr": "ve", "ru": "и"}.get(self.language, "و"))

    def _title(self) -> str:
        return str(self.words["titles"][0])

    def _heading(self, text: str, number: int) -> str:
        return heading(self.form, self.decoration, text, number)

    def _more(self) -> str:
        """A link that says nothing of where it leads."""
        return str(self.words["more"])

    def _wordings(self, what: str) -> list[str]:
        """Headings in the post's language, sometimes in English."""
        foreign = self.english and "_of" not in what
        return list((WORDS["en"] if foreign else self.words)[what])

    def _intro(self) -> str:
        """A sentence between a heading and what it heads."""
        return f"<p>{self.words['intro']}</p>" if self.choose("intro", ["no", "no", "yes"]) == "yes" else ""

    def _looks_alike(self) -> bool:
        """Whether headings of the post and titles of themes are both bold lines, so that nobody could say which is which."""
        return self.rank == 8 and self.choices["themes"].startswith("bold")

    def _decoy(self, markup: str) -> str:
        """A chapter of the post that is none of the sections."""
        number = self.random.randrange(3)
        title = self.words["chapters"][number]
        text = markup.format(s=self.words["prose"][0], t=self.words["prose"][1])
        return heading(self.form, "none", title, 0) + text

    def _contents(self) -> str:
        """A table of contents that names the sections, as links into the page."""
        if self.choose("contents", ["no", "no", "no", "yes"]) == "no" or self.rank > 6:
            return ""
        names = (self.words[name][0] for name in ("h_themes", "h_quotes", "h_posts"))
        return "<ul>" + "".join(f'<li><a href="#part">{name}</a></li>' for name in names) + "</ul>"

    # ── sections ─────────────────────────────────────────────────────────────────────────────────

    def _themes(self, number: int) -> str:
        described, markup = THEMES[self.choose("themes", list(THEMES))]
        themes = [(title, text) for title, text in self.words["themes"]]
        title = self.choose("h_themes", self._wordings("h_themes"))
        full_stop = "." if self.choices["themes"] == "bold paragraphs and text" else ""
        self.expected.themes = [(t, d + full_stop if described else "") for t, d in themes]
        return self._heading(title, number) + self._intro() + markup(themes)

    def _quotes(self, number: int) -> str:
        mode = self.choose(
            "speakers", ["heading", "heading", "nobody", "signed", "set", "people", "said", "marks"]
        )
        title = self.choose("h_quotes_of" if mode == "heading" else "h_quotes", self._quote_headings(mode))
        name, of = self.people[0]
        text = self._heading(title.format(name=name, of=of), number) + self._intro()
        body: str = getattr(self, f"_quotes_{mode}")()
        return text + body + self._closing()

    def _quote_headings(self, mode: str) -> list[str]:
        return self._wordings("h_quotes_of" if mode == "heading" else "h_quotes")

    def _closing(self) -> str:
        return f"<p>{self.words['closing']}</p>" if self.choose("closing", ["yes", "no"]) == "yes" else ""

    def _marks(self, optional: bool) -> tuple[str, str]:
        chosen = self.choose("marks", [*self.words["marks"], *(["  "] if optional else [])])
        opening, closing = chosen[0].strip(), chosen[-1].strip()
        spaced = self.language == "fr" and opening == "«"
        return (opening + "\u00a0", "\u00a0" + closing) if spaced else (opening, closing)

    def _sentences(self, many: int) -> list[str]:
        return self.random.sample(self.words["sentences"], many)

    def _expect(self, words: str, speaker: str, *topics: str) -> None:
        self.expected.quotes.append((words, speaker, topics))

    def _quotes_heading(self) -> str:
        return self._under_topics(self.people[0][0], self._sentences(4))

    def _quotes_nobody(self) -> str:
        return self._under_topics("", self._sentences(4))

    def _under_topics(self, speaker: str, sentences: Sequence[str], lowest: int = 0) -> str:
        form = self.choose("quotes", list(QUOTES))
        item, around, optional = QUOTES[form]
        possible = [name for name, (rank, _, _) in TOPICS.items() if rank > max(self.rank, lowest)]
        where = self.choose("topics", ["none", *possible, *(INLINE_TOPICS if not lowest else [])])
        if where in INLINE_TOPICS and "bold" in form:
            where = self.choices["topics"] = "none"
        before, after = self._marks(optional and where not in INLINE_TOPICS)
        if where in INLINE_TOPICS:
            return self._with_inline_topics(speaker, sentences, where, item, around, (before, after))
        suffix = SUFFIXES[self.choose("suffix", ["none", *SUFFIXES])] if before and after else ""
        quoted = [item.format(f"{before}{words}{after}{suffix}", n=n) for n, words in enumerate(sentences, 1)]
        if where == "none":
            for words in sentences:
                self._expect(words, speaker)
            return around.format("".join(quoted))
        half = len(sentences) // 2
        texts = []
        for part, (text, topic) in zip((slice(half), slice(half, None)), self._topics(where), strict=False):
            texts.append(TOPICS[where][1].format(text) + around.format("".join(quoted[part])))
            for words in sentences[part]:
                self._expect(words, speaker, topic)
        return "".join(texts)

    def _topics(self, where: str) -> list[tuple[str, str]]:
        """Two topics: the words of their headings, and the topics."""
        says_on = TOPICS[where][2] if where in TOPICS else INLINE_TOPICS[where][1]
        if not says_on:
            return [(topic, topic) for topic in self.random.sample(self.words["bare_topics"], 2)]
        on = self.choose("on", self.words["on"])
        return [(on.format(topic=topic), topic) for topic in self.random.sample(self.words["topics"], 2)]

    def _with_inline_topics(
        self,
        speaker: str,
        sentences: Sequence[str],
        where: str,
        item: str,
        around: str,
        marks: tuple[str, str],
    ) -> str:
        items: list[str] = []
        for words, (text, topic) in zip(sentences, self._topics(where), strict=False):
            quotation = INLINE_TOPICS[where][0].format(text) + marks[0] + words + marks[1]
            items.append(item.format(quotation, n=len(items) + 1))
            self._expect(words, speaker, topic)
        return around.format("".join(items))

    def _quotes_signed(self) -> str:
        item, around, _ = QUOTES[self.choose("quotes", [name for name in QUOTES if "bold" not in name])]
        form = SIGNATURES[self.choose("signature", list(SIGNATURES))]
        before, after = self._marks(False)
        items: list[str] = []
        for words, (name, _) in zip(self._sentences(3), self.people, strict=True):
            signed = form.format(name=name, role=self.words["roles"][0])
            items.append(item.format(before + words + after + signed, n=len(items) + 1))
            self._expect(words, name)
        return around.format("".join(items))

    def _quotes_set(self) -> str:
        form = BLOCK_SIGNATURES[self.choose("signature", list(BLOCK_SIGNATURES))]
        unmarked = any(hint in form for hint in ("blockquote", "<ul>", "quote-card", "<td>"))
        before, after = self._marks(unmarked)
        texts = []
        for words, (name, _) in zip(self._sentences(3), self.people, strict=True):
            texts.append(form.format(quote=before + words + after, name=name, role=self.words["roles"][0]))
            self._expect(words, name)
        return "".join(texts)

    def _quotes_marks(self) -> str:
        form = MARKED[self.choose("marked", list(MARKED))]
        before, after = self._marks(False)
        texts = []
        for words in self._sentences(3):
            texts.append(form.format(o=before.strip(), q=words, c=after.strip()))
            self._expect(words, "")
        return "".join(texts)

    def _quotes_people(self) -> str:
        possible = {name: each for name, each in TOPICS.items() if self.rank < each[0] < 9 and not each[2]}
        if not possible:
            return self._quotes_set()
        rank, markup, _ = possible[self.choose("people", list(possible))]
        texts, sentences = [], self._sentences(4)
        state = self.random.getstate()
        for i, (name, _) in enumerate(self.people[:2]):
            self.random.setstate(state)
            texts.append(markup.format(name) + self._under_topics(name, sentences[2 * i : 2 * i + 2], rank))
        return "".join(texts)

    def _quotes_said(self) -> str:
        item, around, _ = QUOTES[
            self.choose("quotes", ["list", "paragraphs", "blockquotes", "breaks", "divs"])
        ]
        frame = self.choose("said", self.words["said"])
        before, after = self._marks(False)
        items: list[str] = []
        for words, (name, _) in zip(self._sentences(3), self.people, strict=True):
            inside = words
            if not frame.endswith("{quote}"):
                inside = words.rstrip(".")
                after_words = "," if self.language == "en" else ""
                items.append(
                    item.format(frame.format(quote=before + inside + after_words + after, name=name))
                )
            else:
                items.append(item.format(frame.format(quote=before + inside + after, name=name)))
            self._expect(inside, name)
        return around.format("".join(items))

    def _posts(self, number: int) -> str:
        text = self._heading(self.choose("h_posts", self._wordings("h_posts")), number)
        if self.random.random() < 0.1:
            item, around = UNLINKED[self.choose("posts unlinked", list(UNLINKED))]
            titles = [title for title in self.words["titles"] if not title.endswith("?")]
            self.expected.posts = [(title, "") for title in titles]
            return text + around.format("".join(item.format(t=title) for title in titles))
        item, around = LINKS[self.choose("posts", list(LINKS))]
        items: list[str] = []
        for i, title in enumerate(self.words["titles"]):
            url = f"{SITE}/2026/{i}/post.html"
            head, _, rest = title.partition(" ")
            items.append(item.format(u=url, t=title, h=head, r=rest, more=self._more()))
            self.expected.posts.append((title, url))
        return text + around.format("".join(items))

    def _videos(self, number: int) -> str:
        text = self._heading(self.choose("h_videos", self._wordings("h_videos")), number)
        if self.choose("videos", ["players", "links"]) == "players":
            return text + self._players() + FRAMES[self.choose("frame", list(FRAMES))]
        item, around = LINKS[self.choose("video links", list(LINKS))]
        items: list[str] = []
        for i, title in enumerate(self.words["titles"][:2]):
            url, platform, key = (each.format(n=i) for each in WATCHED[self.choose("watched", list(WATCHED))])
            head, _, rest = title.partition(" ")
            markup = item.replace("?utm_source", "&utm_source") if "?" in url else item
            items.append(markup.format(u=url, t=title, h=head, r=rest, more=self._more()))
            self.expected.videos.append((title, platform, key))
        return text + around.format("".join(items))

    def _players(self) -> str:
        how = self.choose("player titles", list(PLAYER_TITLES))
        texts = []
        for i, title in enumerate(self.words["titles"][:2]):
            markup, platform, key = (
                each.format(n=i) for each in PLAYERS[self.choose("player", list(PLAYERS))]
            )
            titled = markup.replace("<iframe ", f'<iframe title="{title}" ')
            texts.append(PLAYER_TITLES[how].format(t=title, p=markup, titled=titled))
            self.expected.videos.append((title, platform, key))
        return "".join(texts)

    def _around(self) -> str:
        ending = ENDINGS[self.choose("ending", list(ENDINGS))]
        what = self.choose("around", ["nothing", "comments", "share"])
        if what == "nothing":
            return ""
        text = ending.format(self.choose("around words", self.words[what]))
        comment = (
            f'<p>“Great post, all of it, thank you so much!”</p><p><a href="{SITE}/user/bob">Bob</a></p>'
        )
        return text + (comment if what == "comments" else f'<p><a href="{SITE}/share">X</a></p>')


def compose(seed: int) -> Composition:
    """The post of that number; the same number gives the same post."""
    return _Composer(seed).compose()
