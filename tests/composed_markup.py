"""Habits of markup from which posts are composed (tests/compositions.py): each name is one habit.

They are written as templates; {t} is a title, {d} a description, {u} an address, {h} and {r} a title's first word and
its rest, {p} a player.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

# ── headings ─────────────────────────────────────────────────────────────────────────────────────

# name → (rank as a reader sees it, markup); a topic must stand lower than its section's heading
HEADINGS: dict[str, tuple[int, str]] = {
    "h2": (2, "<h2>{}</h2>"),
    "h3": (3, "<h3>{}</h3>"),
    "h4": (4, "<h4>{}</h4>"),
    "h2 with spans": (2, '<h2><span style="font-size:large"><b>{}</b></span></h2>'),
    "h2 with a permalink": (2, '<h2 id="x">{} <a href="#x">#</a></h2>'),
    "h2 in a header": (2, "<header><h2>{}</h2></header>"),
    "linked h2": (2, '<h2><a href="https://odde.example/#part">{}</a></h2>'),
    "h2 in a section's box": (2, '<div class="wp-block-group"><div><h2>{}</h2></div></div>'),
    "bold paragraph": (8, "<p><strong>{}</strong></p>"),
    "bold paragraph, colon": (8, "<p><b>{}:</b></p>"),
    "bold paragraph, colon outside": (8, "<p><b>{}</b>:</p>"),
    "bold div": (8, "<div><b>{}</b></div>"),
    "bold by style": (8, '<p><span style="font-weight:bold">{}</span></p>'),
    "bold underlined": (8, "<p><b><u>{}</u></b></p>"),
    "bold in pieces": (8, "<p><b>{}</b><b> </b></p>"),
    "bold and italic": (8, "<p><em><strong>{}</strong></em></p>"),
    "centred bold": (8, "<center><b>{}</b></center>"),
    "big": (8, '<p style="font-weight:700;font-size:20px">{}</p>'),
    "colon": (9, "<p>{}:</p>"),
    "colon in a div": (9, "<div>{}:</div>"),
    "underlined": (9, "<p><u>{}</u></p>"),
    "italic": (9, "<p><em>{}</em></p>"),
    "plain": (9, "<p>{}</p>"),
    "plain div": (9, "<div>{}</div>"),
    "starred": (9, "<p>*** {} ***</p>"),
    "ruled": (9, "<p>— {} —</p>"),
    "in brackets": (9, "<p>[{}]</p>"),
}
DECORATIONS: dict[str, Callable[[str, int], str]] = {
    "none": lambda text, i: text,
    "emoji": lambda text, i: "📌🔑💬🎬📚"[i % 5] + " " + text,
    "numbered": lambda text, i: f"{i + 1}. {text}",
    "roman": lambda text, i: f"{('I', 'II', 'III', 'IV', 'V')[i % 5]}. {text}",
    "nbsp": lambda text, i: text.replace(" ", "&nbsp;"),
    "emoji behind": lambda text, i: text + " 👇",
    "arrow": lambda text, i: "» " + text,
}


# ── themes ───────────────────────────────────────────────────────────────────────────────────────


def _each(template: str, around: str = "{}") -> Callable[[Sequence[tuple[str, str]]], str]:
    return lambda themes: around.format("".join(template.format(t=t, d=d) for t, d in themes))


def _numbered(template: str, between: str) -> Callable[[Sequence[tuple[str, str]]], str]:
    return lambda themes: (
        "<p>" + between.join(template.format(n=i, t=t, d=d) for i, (t, d) in enumerate(themes, 1)) + "</p>"
    )


# name → (with descriptions, markup)
THEMES: dict[str, tuple[bool, Callable[[Sequence[tuple[str, str]]], str]]] = {
    "list": (True, _each("<li><b>{t}:</b> {d}</li>", "<ul>{}</ul>")),
    "colon outside": (True, _each("<li><strong>{t}</strong>: {d}</li>", "<ul>{}</ul>")),
    "dash": (True, _each("<li>{t} – {d}</li>", "<ul>{}</ul>")),
    "em dash": (True, _each("<li><b>{t}</b> — {d}</li>", "<ul>{}</ul>")),
    "plain colon": (True, _each("<li>{t}: {d}</li>", "<ol>{}</ol>")),
    "titles": (False, _each("<li>{t}</li>", "<ul>{}</ul>")),
    "bold titles": (False, _each("<li><b>{t}</b></li>", "<ul>{}</ul>")),
    "linked titles": (
        False,
        _each('<li><a href="https://odde.example/label/{t}">{t}</a></li>', "<ul>{}</ul>"),
    ),
    "paragraphs in items": (True, _each("<li><p><b>{t}</b></p><p>{d}</p></li>", "<ul>{}</ul>")),
    "title, break, text": (True, _each("<li><b>{t}</b><br>{d}</li>", "<ul>{}</ul>")),
    "nested list": (True, _each("<li>{t}<ul><li>{d}</li></ul></li>", "<ul>{}</ul>")),
    "paragraphs": (True, _each("<p><b>{t}:</b> {d}</p>")),
    "plain paragraphs": (True, _each("<p>{t}: {d}</p>")),
    "bold paragraphs and text": (True, _each("<p><b>{t}</b></p><p>{d}.</p>")),
    "bold, break, text": (True, _each("<p><b>{t}</b><br>{d}</p>")),
    "bullets": (True, _each("<p>• {t}: {d}</p>")),
    "short paragraphs": (False, _each("<p>{t}</p>")),
    "subheadings": (True, _each("<h5>{t}</h5><p>{d}</p>")),
    "terms": (True, _each("<dt>{t}</dt><dd>{d}</dd>", "<dl>{}</dl>")),
    "table": (True, _each("<tr><td>{t}</td><td>{d}</td></tr>", "<table>{}</table>")),
    "table with headers": (
        True,
        _each("<tr><th>{t}</th><td>{d}</td></tr>", "<table><tbody>{}</tbody></table>"),
    ),
    "cards": (True, _each('<div class="card"><div><b>{t}</b></div><div>{d}</div></div>', "<div>{}</div>")),
    "dashes and breaks": (True, _numbered("- {t}: {d}", "<br>")),
    "bullets and breaks": (True, _numbered("• {t} – {d}", "<br/>")),
    "numbers and breaks": (True, _numbered("{n}. {t}: {d}", "<br>")),
    "keycaps": (True, _numbered("{n}\ufe0f\u20e3 {t}: {d}", "<br>")),
    "numbers and a bracket": (True, _numbered("{n}) {t}: {d}", "<br>")),
    "numbers and a bracket, paragraphs": (True, _numbered("{n}) {t} – {d}", "</p><p>")),
    "letters": (
        True,
        lambda themes: "".join(f"<p>{'abc'[i]}) {t}: {d}</p>" for i, (t, d) in enumerate(themes)),
    ),
    "letters in brackets": (
        True,
        lambda themes: "".join(f"<div>({'abc'[i]}) {t}: {d}</div>" for i, (t, d) in enumerate(themes)),
    ),
    "small roman": (
        True,
        lambda themes: "".join(
            f"<p>{('i', 'ii', 'iii')[i]}. {t}: {d}</p>" for i, (t, d) in enumerate(themes)
        ),
    ),
    "numbers in squares": (True, _numbered("[{n}] {t}: {d}", "<br>")),
    "hash numbers": (True, _numbered("#{n} {t}: {d}", "<br>")),
    "numbers and dashes": (True, _numbered("{n} – {t}: {d}", "<br>")),
    "numbers and slashes": (True, _numbered("{n}/ {t}: {d}", "<br>")),
    "circled": (
        True,
        lambda themes: "".join(f"<p>{'①②③'[i]} {t}: {d}</p>" for i, (t, d) in enumerate(themes)),
    ),
    "digits of Arabic": (
        True,
        lambda themes: "".join(f"<p>{'١٢٣'[i]}. {t}: {d}</p>" for i, (t, d) in enumerate(themes)),
    ),
    "digits of Persian": (
        True,
        lambda themes: "".join(f"<p>{'۱۲۳'[i]}- {t}: {d}</p>" for i, (t, d) in enumerate(themes)),
    ),
    "ordinals": (True, _numbered("{n}º {t}: {d}", "<br>")),
    "numbers in brackets": (True, _numbered("({n}) {t}: {d}", "<br>")),
    "titles and breaks": (False, _numbered("{t}", "<br>")),
    "ticks": (False, _numbered("✅ {t}", "<br>")),
    "enumeration": (False, lambda themes: "<p>" + "; ".join(t for t, _ in themes) + "</p>"),
    "italic, full stop": (True, _each("<li><em>{t}</em>. {d}</li>", "<ul>{}</ul>")),
    "full stops": (True, _each("<li>{t}. {d}</li>", "<ul>{}</ul>")),
    "arrows": (True, _each("<li><b>{t}</b> → {d}</li>", "<ul>{}</ul>")),
    "bars": (True, _each("<li>{t} | {d}</li>", "<ul>{}</ul>")),
    "lists of one": (True, _each("<ul><li><mark><b>{t}</b></mark> → {d}</li></ul>")),
    "one cell": (
        True,
        lambda themes: (
            "<table><tr><td>" + "<br><br>".join(f"<b>{t}</b> – {d}" for t, d in themes) + "</td></tr></table>"
        ),
    ),
    "toggles": (True, _each("<li><details><summary>{t}</summary><p>{d}</p></details></li>", "<ul>{}</ul>")),
    "pointers": (False, _numbered("➤ {t}", "<br>")),
    "bold, full stop": (True, _each("<p><b>{t}.</b> {d}</p>")),
    "numbered bold": (True, _numbered("<b>{n}. {t}:</b> {d}", "</p><p>")),
    "headings in items": (True, _each("<li><h5>{t}</h5><p>{d}</p></li>", "<ol>{}</ol>")),
    "italic paragraphs": (True, _each("<p><i>{t}:</i> {d}</p>")),
    "triangles": (True, _each("<div>▸ {t}: {d}</div>")),
    "keycap paragraphs": (True, _numbered("{n}\ufe0f\u20e3 <b>{t}</b> — {d}", "</p><p>")),
    "details": (True, _each("<details><summary>{t}</summary><p>{d}</p></details>")),
}


# ── quotes ───────────────────────────────────────────────────────────────────────────────────────

# name → (markup of one quotation, around all under one topic, whether marks may be missing)
QUOTES: dict[str, tuple[str, str, bool]] = {
    "list": ("<li>{}</li>", "<ul>{}</ul>", True),
    "numbered list": ("<li>{}</li>", "<ol>{}</ol>", True),
    "paragraphs in items": ("<li><p>{}</p></li>", "<ul>{}</ul>", True),
    "italic items": ("<li><em>{}</em></li>", "<ul>{}</ul>", True),
    "paragraphs": ("<p>{}</p>", "{}", False),
    "italic paragraphs": ("<p><i>{}</i></p>", "{}", False),
    "divs": ("<div>{}</div><div><br></div>", "{}", False),
    "blockquotes": ("<blockquote>{}</blockquote>", "{}", True),
    "paragraphs in blockquotes": ("<blockquote><p>{}</p></blockquote>", "{}", True),
    "WordPress quotes": ('<blockquote class="wp-block-quote"><p>{}</p></blockquote>', "{}", True),
    "pull quotes": (
        '<figure class="wp-block-pullquote"><blockquote><p>{}</p></blockquote></figure>',
        "{}",
        True,
    ),
    "numbered paragraphs": ("<p>{n}. {}</p>", "{}", True),
    "dashed paragraphs": ("<p>- {}</p>", "{}", True),
    "bracketed numbers": ("<p>{n}) {}</p>", "{}", True),
    "numbers and breaks": ("{n}) {}<br>", "<p>{}</p>", True),
    "hashed numbers": ("<p>#{n} {}</p>", "{}", True),
    "bulleted paragraphs": ("<p>• {}</p>", "{}", True),
    "speech bubbles": ("<p>💬 {}</p>", "{}", False),
    "breaks": ("{}<br><br>", "<div>{}</div>", False),
    "dashes and breaks": ("- {}<br>", "<p>{}</p>", True),
    "bullets and breaks": ("• {}<br/>", "<div>{}</div>", True),
    "table": ("<tr><td>{}</td></tr>", "<table>{}</table>", True),
    "cards": ('<div class="card"><div class="body"><p>{}</p></div></div>', "<div>{}</div>", False),
    "span soup": ('<div><span lang="x"><span style="color:black">{}</span></span></div>', "{}", False),
    "bold quotations": ("<p><b>{}</b></p>", "{}", False),
    "blockquotes in items": ("<li><blockquote>{}</blockquote></li>", "<ul>{}</ul>", True),
    "blockquotes in one item": ("<blockquote>{}</blockquote>", "<ul><li>{}</li></ul>", True),
    "tables of one cell": ("<table><tr><td>{}</td></tr></table>", "{}", True),
    "quotations by tag": ("<p><q>{}</q></p>", "{}", False),
    "pictures before": ('<p><img src="https://odde.example/q.png" alt=""> {}</p>', "{}", False),
}

# name → (rank, markup around the topic, whether it must say "On …")
TOPICS: dict[str, tuple[int, str, bool]] = {
    "h4": (4, "<h4>{}</h4>", False),
    "h5 with colon": (5, "<h5>{}:</h5>", False),
    "h4 'on'": (4, "<h4>{}</h4>", True),
    "bold": (8, "<p><strong>{}</strong></p>", False),
    "bold 'on', colon": (8, "<p><b>{}:</b></p>", True),
    "bold div": (8, "<div><b>{}</b></div>", False),
    "bold italic": (8, "<p><b><i>{}</i></b></p>", False),
    "colon": (9, "<p>{}:</p>", False),
    "colon 'on'": (9, "<p>{}:</p>", True),
    "plain 'on'": (9, "<p>{}</p>", True),
    "italic 'on'": (9, "<p><em>{}:</em></p>", True),
    "underlined 'on'": (9, "<p><u>{}</u></p>", True),
    "bold numbered": (8, "<p><b>1. {}</b></p>", False),
    "emoji": (8, "<p><b>⚓ {}</b></p>", False),
}
# before the quotation on its own line
INLINE_TOPICS: dict[str, tuple[str, bool]] = {
    "inline bold": ("<b>{}:</b> ", True),
    "inline bold, full stop": ("<b>{}.</b> ", True),
    "inline": ("{}: ", True),
    "inline bold, bare": ("<strong>{}:</strong> ", False),
    "inline dash": ("<b>{}</b> – ", True),
}

# marks in elements of their own: {o} and {c} are the marks, {q} the words
MARKED: dict[str, str] = {
    "spans": "<p><span>{o}</span>{q}<span>{c}</span></p>",
    "cells": "<table><tr><td>{o}</td><td>{q}</td><td>{c}</td></tr></table>",
    "bold marks": "<p><b>{o}</b>{q}<b>{c}</b></p>",
    "lines": "<div><div>{o}</div><div>{q}</div><div>{c}</div></div>",
    "one line": "<blockquote><div>{o}</div><p>{q}</p></blockquote>",
}

# ── who speaks ───────────────────────────────────────────────────────────────────────────────────

SIGNATURES: dict[str, str] = {
    "em dash": " — {name}",
    "en dash": " – {name}",
    "dash and role": " — {name}, {role}",
    "brackets": " ({name})",
    "brackets and role": " ({name}, {role})",
    "break and dash": "<br>— {name}",
    "break, dash, role": "<br>– {name}, {role}",
    "italic signature": " <i>— {name}</i>",
    "bold signature": " <b>— {name}</b>",
    "horizontal bar": "<br>― {name}",
    "no dash": " {name}",
    "no dash, role": " {name}, {role}",
    "small, no dash": " <small>{name}, {role}</small>",
    "italic, no dash": " <em>{name}</em>",
    "break, small": "<br><small>{name}, {role}</small>",
    "break, italic": "<br><em>{name}</em>",
    "double dash": " -- {name}",
    "tilde": " ~ {name}",
    "bar": " | {name}",
}
BLOCK_SIGNATURES: dict[str, str] = {
    "cite": "<blockquote><p>{quote}</p><cite>{name}</cite></blockquote>",
    "cite with role": "<blockquote><p>{quote}</p><cite>{name}, {role}</cite></blockquote>",
    "cite with dash": "<blockquote>{quote} <cite>— {name}</cite></blockquote>",
    "footer": "<blockquote><p>{quote}</p><footer>— {name}</footer></blockquote>",
    "footer and cite": "<blockquote><p>{quote}</p><footer>— {name}, <cite>{role}</cite></footer></blockquote>",
    "figcaption": "<figure><blockquote><p>{quote}</p></blockquote><figcaption>{name}, {role}</figcaption></figure>",
    "paragraph in blockquote": "<blockquote><p>{quote}</p><p>— {name}</p></blockquote>",
    "paragraph": "<p>{quote}</p><p>— {name}, {role}</p>",
    "right paragraph": '<p>{quote}</p><p style="text-align:right">— {name}</p>',
    "italic paragraph, no dash": "<p>{quote}</p><p><em>{name}, {role}</em></p>",
    "right paragraph, no dash": '<p>{quote}</p><p style="text-align:right">{name}</p>',
    "small paragraph, no dash": "<p>{quote}</p><p><small>{name}, {role}</small></p>",
    "blockquote, then name": "<blockquote>{quote}</blockquote><p>{name}, {role}</p>",
    "blockquote, then italic name": "<blockquote><p>{quote}</p></blockquote><p><em>{name}</em></p>",
    "card": '<div class="card"><p>{quote}</p><p>{name}</p></div>',
    "card with role": "<div><div>{quote}</div><div><b>{name}</b></div><div>{role}</div></div>",
    "table row": "<table><tr><td>{quote}</td><td>{name}</td></tr></table>",
    "table row, name first": "<table><tr><td>{name}</td><td>{quote}</td></tr></table>",
    "name before": "<p>{name}: {quote}</p>",
    "bold name before": "<p><b>{name}:</b> {quote}</p>",
    "bold name, role, before": "<p><b>{name}</b>, {role}: {quote}</p>",
    "name before in an item": "<ul><li><b>{name}:</b> {quote}</li></ul>",
    "name over it": "<p><b>{name}</b><br>{quote}</p>",
    "quote card": '<div class="quote-card"><div>{quote}</div><div>— <strong>{name}</strong>, {role}</div></div>',
    "layout cell": "<table><tr><td>{quote}<br><em>— {name}, {role}</em></td></tr></table>",
    "name over blockquote": "<p><b>{name}, {role}</b></p><blockquote>{quote}</blockquote>",
    "heading over blockquote": "<h5>{name}</h5><blockquote><p>{quote}</p></blockquote>",
    "name below in blockquote": "<blockquote>{quote}<br>{name}</blockquote>",
    "name and role below": "<blockquote><p>{quote}<br>{name}, {role}</p></blockquote>",
    "name before, unmarked": "<blockquote><b>{name}:</b> {quote}</blockquote>",
    "name before in a list, unmarked": "<ul><li>{name}: {quote}</li></ul>",
    "name, role in brackets, before": "<p>{name} ({role}): {quote}</p>",
    "italic name below": "<p>{quote}</p><p><em>— {name}</em></p>",
    "cite behind": "<p>{quote} <cite>{name}</cite></p>",
    "figure and cite": "<figure><blockquote>{quote}</blockquote><figcaption>— <cite>{name}</cite>, {role}</figcaption></figure>",
    "three cells": "<table><tr><td>{name}</td><td>{quote}</td><td>{role}</td></tr></table>",
    "item and signature": "<ul><li>{quote}<br>— {name}</li></ul>",
    "term": "<dl><dt>{name}</dt><dd>{quote}</dd></dl>",
}

# ── related posts and videos ─────────────────────────────────────────────────────────────────────

LINKS: dict[str, tuple[str, str]] = {
    "list": ('<li><a href="{u}">{t}</a></li>', "<ul>{}</ul>"),
    "numbered": ('<li><a href="{u}">{t}</a></li>', "<ol>{}</ol>"),
    "paragraphs": ('<p><a href="{u}">{t}</a></p>', "{}"),
    "divs": ('<div><a href="{u}">{t}</a></div>', "{}"),
    "breaks": ('<a href="{u}">{t}</a><br>', "<p>{}</p>"),
    "dashes": ('- <a href="{u}">{t}</a><br>', "<div>{}</div>"),
    "arrows": ('<p>→ <a href="{u}">{t}</a></p>', "{}"),
    "bold links": ('<p><b><a href="{u}">{t}</a></b></p>', "{}"),
    "with date": ('<li><a href="{u}">{t}</a> (3.11.2026)</li>', "<ul>{}</ul>"),
    "with a date below": ('<li><a href="{u}">{t}</a><br><small>3.11.2026</small></li>', "<ul>{}</ul>"),
    "title, then address": ('<li>{t}: <a href="{u}">{u}</a></li>', "<ul>{}</ul>"),
    "bare addresses": ("<p>{t} – {u}</p>", "{}"),
    "cards": ('<div class="card"><h3><a href="{u}">{t}</a></h3><p>3.11.2026</p></div>', "<div>{}</div>"),
    "cards with pictures": (
        '<div><a href="{u}"><img src="https://odde.example/i.png" alt=""></a><h4><a href="{u}">{t}</a></h4></div>',
        "<div>{}</div>",
    ),
    "table": ('<tr><td><a href="{u}">{t}</a></td></tr>', "<table>{}</table>"),
    "table row": ('<td><a href="{u}">{t}</a></td>', "<table><tr>{}</tr></table>"),
    "pieces": ('<li><a href="{u}"><b>{h}</b></a> <a href="{u}">{r}</a></li>', "<ul>{}</ul>"),
    "two lines": ('<li><a href="{u}">{h}<br>{r}</a></li>', "<ul>{}</ul>"),
    "twice": ('<li><a href="{u}">{t}</a></li><li><a href="{u}?utm_source=x">{t}</a></li>', "<ul>{}</ul>"),
    "bookmarks": ('<figure><a href="{u}"><div><div>{t}</div></div></a></figure>', "{}"),
    "numbered cells": ('<tr><td>№ 1</td><td><a href="{u}">{t}</a></td></tr>', "<table>{}</table>"),
    "pointers": ('👉 <a href="{u}">{t}</a><br>', "<p>{}</p>"),
    "date before": ('<li>3.11.2026 – <a href="{u}">{t}</a></li>', "<ul>{}</ul>"),
    "author after": ('<li><a href="{u}">{t}</a>, Ann Lee</li>', "<ul>{}</ul>"),
    "cards with excerpts": (
        '<div class="card"><h4><a href="{u}">{t}</a></h4><p>{t}, {t}, {t}, {t}, {t}, {t}.</p></div>',
        "<div>{}</div>",
    ),
    "terms": ('<dt><a href="{u}">{t}</a></dt><dd>{t}…</dd>', "<dl>{}</dl>"),
    "buttons": ('<p><a class="button" href="{u}"><span>{t}</span></a></p>', "{}"),
    "a run of bars": ('<a href="{u}">{t}</a> | ', "<p>{}</p>"),
    "small print": ('<p><a href="{u}">{t}</a> <small>Ann Lee · 3.11.2026</small></p>', "{}"),
    "picture and words in one link": (
        '<li><a href="{u}"><img src="https://odde.example/i.png" alt="x"><span>{t}</span></a></li>',
        "<ul>{}</ul>",
    ),
    "bold in items": ('<li><strong><a href="{u}">{t}</a></strong></li>', "<ul>{}</ul>"),
    "paragraphs in items": ('<li><p><a href="{u}">{t}</a></p></li>', "<ul>{}</ul>"),
    "read more": ('<li>{t} <a href="{u}">{more}</a></li>', "<ul>{}</ul>"),
    "nav": ('<li><a href="{u}">{t}</a></li>', "<nav><ul>{}</ul></nav>"),
    "span soup": ('<div><span><span><a href="{u}"><span>{t}</span></a></span></span></div>', "{}"),
}
UNLINKED = {"list": ("<li>{t}</li>", "<ul>{}</ul>"), "dashes": ("- {t}<br>", "<p>{}</p>")}

# name → (embed markup, platform, id, what is watched)
PLAYERS: dict[str, tuple[str, str, str]] = {
    "youtube": (
        '<iframe src="https://www.youtube.com/embed/Odde{n}abcdef"></iframe>',
        "youtube",
        "Odde{n}abcdef",
    ),
    "nocookie": (
        '<iframe src="https://www.youtube-nocookie.com/embed/Odde{n}abcdef?rel=0"></iframe>',
        "youtube",
        "Odde{n}abcdef",
    ),
    "vimeo": ('<iframe src="https://player.vimeo.com/video/90210{n}"></iframe>', "vimeo", "90210{n}"),
    "dailymotion": (
        '<iframe src="https://www.dailymotion.com/embed/video/x8odde{n}"></iframe>',
        "dailymotion",
        "x8odde{n}",
    ),
    "in a figure": (
        '<figure><div><iframe src="https://www.youtube.com/embed/Odde{n}abcdef"></iframe></div></figure>',
        "youtube",
        "Odde{n}abcdef",
    ),
}
WATCHED: dict[str, tuple[str, str, str]] = {
    "watch": ("https://www.youtube.com/watch?v=Odde{n}abcdef", "youtube", "Odde{n}abcdef"),
    "short": ("https://youtu.be/Odde{n}abcdef?t=10", "youtube", "Odde{n}abcdef"),
    "shorts": ("https://www.youtube.com/shorts/Odde{n}abcdef", "youtube", "Odde{n}abcdef"),
    "live": ("https://www.youtube.com/live/Odde{n}abcdef", "youtube", "Odde{n}abcdef"),
    "vimeo": ("https://vimeo.com/90210{n}", "vimeo", "90210{n}"),
    "dailymotion": ("https://www.dailymotion.com/video/x8odde{n}", "dailymotion", "x8odde{n}"),
}
PLAYER_TITLES: dict[str, str] = {
    "above": "<p>{t}</p>{p}",
    "bold above": "<p><b>{t}</b></p>{p}",
    "below": "<figure>{p}<figcaption>{t}</figcaption></figure>",
    "attribute": "{titled}",
    "item": "<ul><li>{t}<br>{p}</li></ul>",
}

# ── what stands around ───────────────────────────────────────────────────────────────────────────

BEFORE: dict[str, str] = {
    "nothing": "",
    "picture": '<p><img src="https://odde.example/p.png" alt="x"></p>',
    "linked picture": '<div><a href="https://odde.example/p.png"><img src="https://odde.example/p.png"></a></div>',
    "captioned picture": '<figure><img src="https://odde.example/p.png"><figcaption>Odde, 2026</figcaption></figure>',
    "map": '<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>',
    "document": '<iframe src="https://drive.google.com/file/d/1abcdefghijk/preview"></iframe>',
}
SECTIONS: dict[str, str] = {
    "plain": "{}",
    "section": "<section>{}</section>",
    "boxes": '<div class="row"><div class="column">{}</div></div>',
    "article": "<div><article>{}</article></div>",
}
AROUND_ALL: dict[str, str] = {
    "nothing": "{}",
    "a div": '<div dir="auto" class="post-body">{}</div>',
    "Word": '<div class="WordSection1"><div>{}</div></div>',
    "an article": "<article><div><div>{}</div></div></article>",
}
# chapters of the post that hold nothing to be listed: {s} and {t} are prose
DECOYS: dict[str, str] = {
    "prose": "<p>{s}</p><p>{t}</p>",
    "a list of facts": "<ul><li>{s}</li><li>{t}</li></ul>",
    "prose with a link": '<p>{s} <a href="https://odde.example/map">Odde</a>. {t}</p>',
    "a picture": '<p><img src="https://odde.example/p.png" alt=""></p><p>{s}</p>',
}
SUFFIXES: dict[str, str] = {
    "none": "",
    "time": " (12:30)",
    "footnote": ' <sup><a href="#fn1">[1]</a></sup>',
    "page": " (p. 12)",
}
BETWEEN: dict[str, str] = {
    "nothing": "",
    "rule": "<hr>",
    "empty paragraph": "<p>&nbsp;</p>",
    "empty div": "<div><br></div>",
    "asterisks": "<p>* * *</p>",
}
FRAMES: dict[str, str] = {
    "scribd": '<iframe src="https://www.scribd.com/embeds/123456/content"></iframe>',
    "map": '<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>',
    "nothing": "",
}
ENDINGS: dict[str, str] = {
    "h3": "<h3>{}</h3>",
    "h4": "<h4>{}</h4>",
    "paragraph": "<p>{}</p>",
    "bold": "<p><b>{}</b></p>",
    "div": "<div>{}</div>",
}
