"""Habits of markup: each test is a small post set in one way, and what is read in it."""

from __future__ import annotations

from digest.extract.reading import read
from digest.model import QuoteOrigin, Reading, ThemeOrigin
from digest.text.html import sanitise
from small_posts import DAM, LEAD, URL, WALL, WORDS, posts, quotes, reading, themes, videos

# ── who speaks ───────────────────────────────────────────────────────────────────────────────────


def test_people_as_headings_between_topics() -> None:
    """A heading that is a name which the post uses in prose is a person, not a topic."""
    html = f"<h2>Key Quotes</h2><h3>Mira Halden</h3><ul><li>“{DAM}”</li></ul><h3>Jo Brask:</h3><ul><li>“{WALL}”</li></ul>"
    assert quotes(html) == [("Mira Halden", DAM, ()), ("Jo Brask", WALL, ())]


def test_a_topic_in_capitals_is_no_person() -> None:
    """A heading that looks like a name but stands nowhere in the prose is a topic."""
    html = f"<h2>Key Quotes of Jo Brask</h2><h3>Press Freedom</h3><ul><li>“{DAM}”</li></ul>"
    assert quotes(html) == [("Jo Brask", DAM, ("Press Freedom",))]


def test_people_and_topics_on_the_line_of_the_quotation() -> None:
    """ "Name: “…”" and "On X: “…”"."""
    html = f"<h3>Key quotes</h3><p><b>Mira Halden:</b> “{DAM}”</p><p>Jo Brask: “{WALL}”</p>"
    assert quotes(html) == [("Mira Halden", DAM, ()), ("Jo Brask", WALL, ())]
    html = f"<h3>Key quotes of Mira Halden</h3><ul><li><b>On dams:</b> “{DAM}”</li><li>On walls: “{WALL}”</li></ul>"
    assert quotes(html) == [("Mira Halden", DAM, ("dams",)), ("Mira Halden", WALL, ("walls",))]


def test_verbs_of_speech_name_the_speaker() -> None:
    """Before, between and after; a pronoun names nobody."""
    html = (
        "<h2>Key quotes</h2><p>“A dam is a promise,” said Mira Halden, “and a promise leaks.”</p>"
        "<p>“We are water,” Jo Brask said.</p><p>“It was late,” she said.</p><p>She said: “And cold.”</p>"
    )
    assert quotes(html) == [
        ("Mira Halden", "A dam is a promise […] and a promise leaks.", ()),
        ("Jo Brask", "We are water", ()),
        ("", "It was late", ()),
        ("", "And cold.", ()),
    ]


def test_a_card_holds_a_quotation_and_its_speaker() -> None:
    """A name alone belongs to the quotation with which it shares a box."""
    html = (
        f"<div><div><b>Key Quotes</b></div><div><div><div>“{DAM}”</div><div>Mira Halden</div></div>"
        f"<div><div>“{WALL}”</div><div>Jo Brask, engineer</div></div></div></div>"
    )
    assert quotes(html) == [("Mira Halden", DAM, ()), ("Jo Brask", WALL, ())]


def test_a_table_with_columns_for_topic_quote_and_speaker() -> None:
    """Header cells head columns, not sections; a row is one quote."""
    html = (
        "<h3>Key quotes</h3><table><tr><th>Topic</th><th>Quote</th><th>Speaker</th></tr>"
        f"<tr><td>Dams</td><td>“{DAM}”</td><td>Mira Halden</td></tr>"
        f"<tr><td>Walls</td><td>“{WALL}”</td><td>Jo Brask</td></tr></table>"
    )
    assert quotes(html) == [("Mira Halden", DAM, ("Dams",)), ("Jo Brask", WALL, ("Walls",))]


def test_the_title_names_the_speaker_where_nobody_else_does() -> None:
    """And only then."""
    html = f"<h2>Key Quotes</h2><ul><li>“{DAM}”</li></ul>"
    assert quotes(html, title="An interview with Mira Halden")[0][0] == "Mira Halden"
    html = f"<h2>Key Quotes</h2><ul><li>“{DAM}”</li><li>“{WALL}” (Jo Brask)</li></ul>"
    assert quotes(html, title="An interview with Mira Halden")[0][0] == ""


def test_confidence_says_whether_the_speaker_is_known() -> None:
    """Listed quotes are certain; without a speaker a little less is."""
    named, nameless = reading(f"<h2>Key Quotes</h2><p>“{DAM}” — Mira Halden</p><p>“{WALL}”</p>").quotes
    assert (named.confidence, nameless.confidence) == (1.0, 0.9)
    assert named.origin is QuoteOrigin.LISTED
    assert named.link == f"{URL}#:~:text=A%20dam%20is%20a%20promise."


# ── where quotations begin and end ───────────────────────────────────────────────────────────────


def test_one_div_with_line_breaks_from_top_to_bottom() -> None:
    """No markup but <br>: headings end in a colon, and the closing remark is no quote."""
    html = (
        "<div>Key Themes:<br>1. Dams: why they break<br>2. Walls: why they stand<br><br>Key Quotes of Mira Halden:<br>"
        f'<br>On dams:<br>"{DAM}"<br><br>On walls:<br>"{WALL}"<br><br>She left early.<br><br>Related Posts:<br>'
        '<a href="https://x.example/1">The dam</a></div>'
    )
    assert themes(html) == [("Dams", "why they break"), ("Walls", "why they stand")]
    assert quotes(html) == [("Mira Halden", DAM, ("dams",)), ("Mira Halden", WALL, ("walls",))]
    assert posts(html) == [("The dam", "https://x.example/1")]


def test_headings_that_are_plain_paragraphs() -> None:
    """Nothing marks them but their words."""
    html = (
        "<p>Key Themes</p><p>Dams: why they break</p><p>Key Quotes of Mira Halden</p><p>On dams</p>"
        f'<p>"{DAM}"</p><p>Related Videos</p><p><a href="https://youtu.be/abcdefghij1">The film</a></p>'
        '<p>Comments</p><p>"Great!" said Bob.</p>'
    )
    assert themes(html) == [("Dams", "why they break")]
    assert quotes(html) == [("Mira Halden", DAM, ("dams",))]
    assert videos(html) == [("The film", "abcdefghij1")]


def test_several_paragraphs_are_one_quotation() -> None:
    """Opened once or anew, in a blockquote without marks, or in paragraphs with them."""
    html = (
        "<h3>Key quotes</h3><blockquote><p>A wall stands.</p><p>Nobody asks it to move.</p></blockquote>"
        "<blockquote><p>“A dam is old.</p><p>“And it leaks.”</p></blockquote>"
        "<blockquote>“One.”<br>“Two things.”</blockquote>"
    )
    assert [words for _, words, _ in quotes(html)] == [
        "A wall stands. Nobody asks it to move.",
        "A dam is old. […] And it leaks.",
        "One.",
        "Two things.",
    ]


def test_a_missing_closing_mark_swallows_nothing() -> None:
    """The next item is the next quote, and prose is prose."""
    html = f"<h3>Key quotes</h3><ul><li>“{DAM}</li><li>“{WALL}”</li></ul><p>She left early, it was late.</p>"
    assert [words for _, words, _ in quotes(html)] == [DAM, WALL]


def test_prose_after_the_last_quote_is_none() -> None:
    """Even if it quotes: what is wholly in marks may still be one, a sentence with a quotation in it is not."""
    html = (
        f"<h3>Key quotes of Mira Halden</h3><p>“{DAM}”</p><p>The meeting closed at nine.</p>"
        f"<p>“We are tired,” said Tom Lund, who runs the bar.</p><p>“{WALL}”</p>"
    )
    assert [words for _, words, _ in quotes(html)] == [DAM, WALL]


def test_a_rule_and_a_footer_end_the_sections() -> None:
    """As do comments, labels, share buttons."""
    html = f"<h3>Key quotes</h3><ul><li>“{DAM}”</li></ul>"
    for end in (
        "<hr>",
        "<footer>Posted by Ann</footer>",
        "<p>Labels: dams</p>",
        "<h4>2 comments:</h4>",
        "<p>Share this</p>",
        "<h3>The weather</h3><p>It rained.</p>",
    ):
        assert len(quotes(f"{html}{end}<p>“{WALL}”</p>")) == 1, end


def test_items_without_marks_and_with_an_ellipsis() -> None:
    """A list under the heading is a list of quotes, with or without marks."""
    html = "<h3>Key quotes of Jo Brask</h3><ul><li>Water (…) waits for nobody.</li><li>It is patient — Mira Halden</li></ul>"
    assert quotes(html) == [
        ("Jo Brask", "Water (…) waits for nobody.", ()),
        ("Mira Halden", "It is patient", ()),
    ]


def test_a_quoted_word_is_no_quotation() -> None:
    """A sentence that begins with a word in marks is a sentence; as an item it is quoted whole."""
    html = "<h3>Key quotes</h3><ul><li>“Mercy” is a word that judges use when they are tired.</li></ul>"
    assert quotes(html)[0][1] == "“Mercy” is a word that judges use when they are tired."


def test_the_same_words_under_two_topics_are_one_quote() -> None:
    """With both topics."""
    html = f"<h3>Key quotes</h3><h4>On dams</h4><p>“{DAM}”</p><h4>On walls</h4><p>“{DAM}”</p>"
    assert quotes(html) == [("", DAM, ("dams", "walls"))]


# ── themes ───────────────────────────────────────────────────────────────────────────────────────


def test_themes_as_cards_tables_nested_lists_and_enumerations() -> None:
    """A title and what is said of it, however far apart they are set."""
    expected = [("Dams", "Why they break."), ("Walls", "Why they stand.")]
    for html in (
        "<h2>Key themes</h2><h3>Dams</h3><p>Why they break.</p><h3>Walls</h3><p>Why they stand.</p>",
        "<h2>Key themes</h2><table><tr><td>Dams</td><td>Why they break.</td></tr><tr><td>Walls</td><td>Why they stand.</td></tr></table>",
        "<h2>Key themes</h2><ul><li><p><b>Dams</b></p><p>Why they break.</p></li><li>Walls:<ul><li>Why they stand.</li></ul></li></ul>",
        "<h2>Key themes</h2><ul><li>Dams – Why they break.</li><li><b>Walls.</b> Why they stand.</li></ul>",
        "<p><b>Key themes:</b> Dams: Why they break.; Walls: Why they stand.</p>",
    ):
        found = [(title.rstrip("."), description) for title, description in themes(html)]
        assert found == expected, html


def test_a_sentence_that_lists_themes() -> None:
    """Commas and a conjunction."""
    assert [title for title, _ in themes("<p><b>Key themes:</b> dams, walls, and water.</p>")] == [
        "dams",
        "walls",
        "water",
    ]


def test_prose_around_a_list_of_themes_is_none() -> None:
    """Neither the sentence that introduces it nor the one that closes it."""
    html = "<h2>Key themes</h2><p>There were two themes:</p><ul><li>Dams</li><li>Walls</li></ul><p>More on Monday.</p>"
    assert [title for title, _ in themes(html)] == ["Dams", "Walls"]


def test_labels_are_the_themes_of_a_post_that_lists_none() -> None:
    """Marked as derived, each once."""
    found = read(
        "<p>Nothing.</p>",
        url="",
        title="",
        language="",
        summary="",
        words=WORDS,
        labels=("Water", " Water ", ""),
    )
    assert [(theme.title, theme.origin) for theme in found.themes] == [("Water", ThemeOrigin.DERIVED)]


# ── related posts and videos ─────────────────────────────────────────────────────────────────────


def test_titles_of_links_in_all_positions() -> None:
    """The words of the link, unless they say nothing."""
    html = (
        '<h3>Related Posts</h3><ul><li><a href="https://x.example/1">The dam</a> (12 May 2026)</li>'
        '<li><a href="https://x.example/2">The wall</a> by <a href="https://x.example/jo">Jo</a></li>'
        '<li>Read: <a href="https://x.example/3">The third</a></li><li>The fourth: https://x.example/4</li>'
        '<li>The fifth one (<a href="https://x.example/5">link</a>)</li><li>The sixth</li>'
        '<li><a href="https://x.example/post#top">Top of this page</a></li></ul>'
    )
    assert posts(html) == [
        ("The dam", "https://x.example/1"),
        ("The wall", "https://x.example/2"),
        ("The third", "https://x.example/3"),
        ("The fourth", "https://x.example/4"),
        ("The fifth one", "https://x.example/5"),
        ("The sixth", ""),
    ]


def test_cards_with_excerpt_and_read_more() -> None:
    """One post per card."""
    html = (
        '<h2>More stories</h2><h3><a href="https://x.example/1">The dam</a></h3><p>A short excerpt that stops.</p>'
        '<p><a href="https://x.example/1">Read more</a></p><h3><a href="https://x.example/2">The wall</a></h3>'
    )
    assert posts(html) == [("The dam", "https://x.example/1"), ("The wall", "https://x.example/2")]


def test_a_title_over_two_lines_is_one() -> None:
    """In one link or in two of the same address."""
    html = '<p><b>Related posts</b></p><p>- <a href="https://x.example/1">The dam<br>that broke</a></p>'
    assert posts(html) == [("The dam that broke", "https://x.example/1")]


def test_players_take_the_title_above_them() -> None:
    """Or the player's own; a player of documents is none."""
    html = (
        '<h3>Related Videos</h3><p>On dams</p><iframe src="https://www.youtube.com/embed/abcdefghij1"></iframe>'
        '<iframe src="https://player.vimeo.com/video/42" title="On walls"></iframe>'
        '<iframe src="https://www.scribd.com/embeds/1"></iframe>'
    )
    assert videos(html) == [("On dams", "abcdefghij1"), ("On walls", "42")]
    assert len(reading(html).embedded_videos) == 2


def test_captions_below_in_the_same_box_are_titles() -> None:
    """As editors set pictures that link to a video, and players."""
    html = (
        '<div><p><b>Related videos</b></p><div><a href="https://youtu.be/abcdefghij1"><img src="https://x.example/1.jpg">'
        '</a><br>On dams</div><div><iframe src="https://player.vimeo.com/video/42"></iframe><p>On walls</p></div></div>'
    )
    assert videos(html) == [("On dams", "abcdefghij1"), ("On walls", "42")]


def test_videos_are_known_by_their_platform_not_their_spelling() -> None:
    """A player and a link to the same video are one; a link to no known platform has neither platform nor id."""
    html = (
        '<h3>Videos</h3><iframe src="//www.youtube.com/embed/abcdefghij1?rel=0"></iframe>'
        '<p><a href="https://youtu.be/abcdefghij1">The film</a></p><p><a href="https://tv.example/7">On the wall</a></p>'
    )
    found = reading(html)
    assert [(video.title, video.platform, video.url) for video in found.related_videos] == [
        ("The film", "youtube", "https://www.youtube.com/watch?v=abcdefghij1"),
        ("On the wall", "", "https://tv.example/7"),
    ]


def test_a_list_of_both_kinds_is_told_apart_link_by_link() -> None:
    """ "Related posts and videos", "See also"."""
    links = '<ul><li><a href="https://x.example/1">The dam</a></li><li><a href="https://youtu.be/abcdefghij1">Film</a></li></ul>'
    for heading in ("Related posts and videos", "See also"):
        found = reading(f"<h3>{heading}</h3>{links}")
        assert [link.title for link in found.related_posts] == ["The dam"]
        assert [video.title for video in found.related_videos] == ["Film"]


def test_a_heading_with_nothing_under_it_yields_nothing() -> None:
    """Empty sections are empty."""
    found = reading(
        "<h2>Key Themes</h2><h2>Key Quotes</h2><h2>Related Posts</h2><h2>Related Videos</h2><h2>Comments</h2>"
    )
    assert found == Reading(summary=found.summary)


# ── summary ──────────────────────────────────────────────────────────────────────────────────────


def test_the_summary_is_the_posts_own_then_the_feeds_then_the_lead() -> None:
    """A feed's summary that is only the beginning of the text, cut, is none."""
    lead = "Mira Halden and Jo Brask met in Ostby on Monday to argue about the dam."
    assert reading("").summary == lead
    assert reading("", summary="Mira Halden and Jo Brask met in Ostby on […]").summary == lead
    assert (
        reading("", summary="Two engineers on an old question.").summary
        == "Two engineers on an old question."
    )
    assert (
        reading("<h2>Summary</h2><p>They did not agree.</p><h2>More</h2>", summary="x" * 40).summary
        == "They did not agree."
    )


def test_a_short_item_of_news_is_its_own_summary() -> None:
    """Also where it is no sentence, and where the feed gives the same words as summary and as text."""
    for words in (
        "The makers of dams have released their version 1.3",
        "The makers of dams have released it.",
    ):
        found = read(f"<p>{words}</p>", url=URL, title="", language="en", summary=words, words=WORDS)
        assert found.summary == words


def test_a_summary_does_not_point_at_what_is_not_in_it() -> None:
    """A last sentence that announces a list, or gives a bare address, is left out; an only sentence stays."""
    begins = "The council of Marwick opened its archive to everybody on Monday morning."
    for pointer in ("Here are the highlights:", "Register here: https://marwick.example/archive"):
        assert _summary_of(f"<p>{begins} {pointer}</p>") == begins
    only = "Whoever wants to see the archive of Marwick can register here: https://marwick.example/archive"
    assert _summary_of(f"<p>{only}</p>") == only


def _summary_of(html: str) -> str:
    return read(sanitise(html, URL), url=URL, title="", language="en", summary="", words=WORDS).summary


def test_no_heading_byline_or_dateline_is_a_summary() -> None:
    """The first sentence of prose is."""
    html = (
        "<h2>Old dams and new walls of the valley.</h2><p>By Tamsin Roe of the valley paper</p><p>3 November 2026</p>"
        "<ul><li>Not an item of a list, however long it is.</li></ul>"
        "<p>OSTBY, 3 November — The dam held, and the council slept.</p>"
    )
    found = read(sanitise(html, URL), url=URL, title="", language="en", summary="", words=WORDS)
    assert found.summary == "The dam held, and the council slept."


def test_a_long_lead_is_cut_at_a_sentence() -> None:
    """At most 300 characters."""
    html = "<p>" + "The dam held through the long night of the flood. " * 12 + "</p>"
    found = read(sanitise(html, URL), url=URL, title="", language="en", summary="", words=WORDS)
    assert len(found.summary) <= 300
    assert found.summary.endswith("flood.")


# ── habits of blog systems ───────────────────────────────────────────────────────────────────────


def test_a_topic_in_bold_may_end_in_a_full_stop() -> None:
    """ "**On dams.** “…”" on the quotation's own line."""
    html = f"<h2>Key Quotes of Jo Brask</h2><p><strong>On dams.</strong> “{DAM}”</p><p><b>Jo Brask on walls.</b> “{WALL}”</p>"
    assert quotes(html) == [("Jo Brask", DAM, ("dams",)), ("Jo Brask", WALL, ("walls",))]


def test_topics_may_be_items_with_a_list_of_their_own() -> None:
    """The outer item is the topic, the inner ones are the quotes."""
    html = f"<h2>Key Quotes of Jo Brask</h2><ol><li>On dams<ul><li>“{DAM}”</li></ul></li><li>Walls<ul><li>“{WALL}”</li></ul></li></ol>"
    assert quotes(html) == [("Jo Brask", DAM, ("dams",)), ("Jo Brask", WALL, ("Walls",))]


def test_people_may_head_topics() -> None:
    """A name over smaller headings."""
    html = f"<h2>Key Quotes</h2><h3>Jo Brask</h3><h4>On dams</h4><p>“{DAM}”</p><h3>Mira Halden</h3><h4>On walls</h4><p>“{WALL}”</p>"
    assert quotes(html) == [("Jo Brask", DAM, ("dams",)), ("Mira Halden", WALL, ("walls",))]


def test_a_polite_form_before_a_surname_is_the_person() -> None:
    """ "Ms Halden" is Mira Halden, "Judge Halden" the judge in full."""
    html = f"<p>Nobody had asked Mira Halden.</p><h2>Key Quotes</h2><p>“{DAM}” — Ms Halden</p>"
    assert quotes(html) == [("Mira Halden", DAM, ())]
    html = f"<p>Then Judge Mira Halden rose.</p><h2>Key Quotes of Judge Halden</h2><p>“{DAM}”</p>"
    assert quotes(html) == [("Judge Mira Halden", DAM, ())]


def test_themes_as_terms_and_as_numbered_bold_lines() -> None:
    """The description is in the definition, or on the line or in the paragraph below."""
    expected = [("Dams", "what they promise."), ("Walls", "what they are.")]
    assert (
        themes(
            "<h2>Key Themes</h2><dl><dt>Dams</dt><dd>what they promise.</dd><dt>Walls</dt><dd>what they are.</dd></dl>"
        )
        == expected
    )
    assert (
        themes(
            "<h2>Key Themes</h2><p><b>1. Dams</b><br>what they promise.</p><p><b>2. Walls</b><br>what they are.</p>"
        )
        == expected
    )
    assert (
        themes(
            "<h2>Key Themes</h2><ul><li><b>Dams</b>. what they promise.</li><li><b>Walls.</b> what they are.</li></ul>"
        )
        == expected
    )


def test_themes_in_one_paragraph_without_a_verb() -> None:
    """Three or more between commas; two, or a sentence, are one theme or none."""
    assert themes("<h2>Key Themes</h2><p>dams, walls and rivers</p>") == [
        ("dams", ""),
        ("walls", ""),
        ("rivers", ""),
    ]


def test_themes_numbered_within_one_paragraph() -> None:
    """Two numbers in brackets are a list."""
    html = "<h2>Key Themes</h2><p>1) Dams – what they promise. 2) Walls – what they are.</p>"
    assert themes(html) == [("Dams", "what they promise."), ("Walls", "what they are.")]


def test_how_it_was_said_is_nobody_s_name() -> None:
    """Behind a dash, a verb of speech leads to a name or to nothing."""
    listed = f"<h2>Key Quotes of Jo Brask</h2><ul><li>“{DAM}” – said with a smile</li><li>“{WALL}” – said Mira Halden</li></ul>"
    assert quotes(listed) == [("Jo Brask", DAM, ()), ("Mira Halden", WALL, ())]


def test_a_card_with_a_heading_is_one_related_post() -> None:
    """Its heading is a link, and so begins nothing; what else stands in it is not a title."""
    card = '<div><a href="/a"><h2>A dam</h2><h3>What it promised</h3></a></div>'
    assert posts(f"<h2>Related Posts</h2>{card}<h2>Elsewhere</h2><p><a href='/b'>Not related</a></p>") == [
        ("A dam", "https://x.example/a")
    ]


def test_several_links_on_one_line() -> None:
    """Between commas, "and", and short labels with a colon; an author behind a title is no post."""
    html = '<h2>Related Posts</h2><p><a href="/a">A dam</a> and <a href="/b">A wall</a></p>'
    assert posts(html) == [("A dam", "https://x.example/a"), ("A wall", "https://x.example/b")]
    html = '<h2>Related Posts</h2><ul><li><a href="/a">A dam</a> by <a href="/jo">Jo Brask</a></li></ul>'
    assert posts(html) == [("A dam", "https://x.example/a")]


def test_a_teaser_between_paragraphs_is_a_related_post() -> None:
    """ "Read also" and the link, with nothing between them; a sentence that says so is prose."""
    assert posts('<p>Read also <a href="/a">A dam</a></p>') == [("A dam", "https://x.example/a")]
    assert posts('<p>See also <a href="/a">a dam</a> that we printed.</p>') == []


def test_what_ends_a_list_of_links() -> None:
    """The footer of a feed, and a call to subscribe."""
    html = '<h2>Related Videos</h2><p><a href="https://youtu.be/Abc-_123xyZ">A dam</a></p>'
    footer = f'<p>The post <a href="{URL}">This</a> appeared first on <a href="https://x.example/">X</a>.</p>'
    assert videos(html + footer) == [("A dam", "Abc-_123xyZ")]
    html = (
        '<h2>Related Posts</h2><p><a href="/a">A dam</a></p><p><a href="/s">Subscribe to our letter</a></p>'
    )
    assert posts(html) == [("A dam", "https://x.example/a")]


def test_a_heading_that_says_watch_heads_the_player_below_it() -> None:
    """In whatever words; without a player it is a heading like any other."""
    player = '<iframe src="https://www.youtube.com/embed/Abc-_123xyZ" title="A dam"></iframe>'
    assert videos(f"<h2>Watch the whole evening</h2>{player}") == [("A dam", "Abc-_123xyZ")]
    assert videos(f"<h2>Watch the whole evening</h2><p>They watched.</p>{player}") == []


def test_a_picture_s_words_are_the_title_of_its_video() -> None:
    """A thumbnail that is a link has nothing else to say."""
    html = '<h2>Related Videos</h2><p><a href="https://youtu.be/Abc-_123xyZ"><img src="/a.jpg" alt="A dam"></a></p>'
    assert videos(html) == [("A dam", "Abc-_123xyZ")]


def test_a_share_bar_over_the_text_does_not_hide_it() -> None:
    """The summary is the first prose, wherever it stands."""
    safe = sanitise(f"<p>Share: <a href='/s'>Mail</a></p>{LEAD}", URL)
    found = read(safe, url=URL, title="", language="en", summary="", words=WORDS)
    assert found.summary.startswith("Mira Halden and Jo Brask met")
