"""config.toml: found, read, and every mistake told at once with its line and what is expected."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from digest import config
from digest.config.checks import EXAMPLE_POSTAL
from digest.errors import ConfigError
from digest.model import Approval, Rule, RuleKind
from digest.settings import Settings

MINIMAL = """\
[[digests]]
slug = "weekly"
title = "Weekly"
days = ["sunday"]
at = "09:00"
zone = "Europe/Berlin"
[mail]
from = "News <news@press.tvhaven.org>"
postal = "1 Quay Street, Haven"
[publish]
tag = "tag:press.tvhaven.org,2026:"
feeds_url = "https://press.tvhaven.org/feeds/"
app_url = "https://press.tvhaven.org/"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(folder: Path, text: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def mistakes(folder: Path, text: str) -> tuple[str, ...]:
    """The findings on a file, which must have some."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return caught.value.findings


def line(text: str, part: str) -> int:
    """The number of the only line that holds ``part``."""
    (number,) = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    return number


# ── finding it ───────────────────────────────────────────────────────────────────────────────────


def test_the_named_file_wins_over_the_environment_and_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--config, then $DIGEST_CONFIG, then ./config.toml."""
    named, known, here = folder / "named.toml", folder / "known.toml", folder / "config.toml"
    for path in (named, known, here):
        path.touch()
    monkeypatch.chdir(folder)
    assert config.find(named, {"DIGEST_CONFIG": str(known)}) == named
    assert config.find(None, {"DIGEST_CONFIG": str(known)}) == known
    assert config.find(None, {}) == here
    assert config.find(None, {"DIGEST_CONFIG": ""}) == here


def test_a_folder_stands_for_its_config(folder: Path) -> None:
    """``--config ~/my-digest`` means what it looks like."""
    (folder / "config.toml").touch()
    assert config.find(folder, {}) == folder / "config.toml"


def test_the_found_path_is_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it means the same whatever the working directory becomes."""
    (folder / "other.toml").touch()
    monkeypatch.chdir(folder)
    assert config.find(Path("other.toml"), {}) == folder / "other.toml"


def test_where_there_is_none_the_sentence_says_how_to_make_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newcomer's first error."""
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigError, match=r"no config\.toml in this folder: .*digest init DIR"):
        config.find(None, {})
    with pytest.raises(
        ConfigError, match=r"--config names gone\.toml, which does not exist: .*digest init DIR"
    ):
        config.find(Path("gone.toml"), {})
    with pytest.raises(ConfigError, match=r"\$DIGEST_CONFIG names gone\.toml"):
        config.find(None, {"DIGEST_CONFIG": "gone.toml"})


# ── reading it ───────────────────────────────────────────────────────────────────────────────────


def test_a_minimal_file_is_enough(folder: Path) -> None:
    """What is not said has a default."""
    settings = load(folder, MINIMAL)
    (digest,) = settings.digests
    assert (digest.slug, digest.at, digest.approval) == ("weekly", time(9), Approval.HOLD)
    assert settings.mail.from_ == "News <news@press.tvhaven.org>"
    assert not settings.mail.live


def test_paths_are_relative_to_the_file(folder: Path) -> None:
    """Wherever a command is run from."""
    settings = load(folder, MINIMAL + 'templates_dir = "looks"\n[serve]\nsecret_file = "/run/key"')
    assert settings.database.url == f"sqlite:///{folder}/var/digest.db"
    assert settings.mail.folder == folder / "var/outbox"
    assert settings.mail.password_file is None
    assert settings.publish.feeds_dir == folder / "feeds"
    assert settings.publish.templates_dir == folder / "looks"
    assert settings.serve.secret_file == Path("/run/key")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///data.db", "sqlite:///{}/data.db"),
        ("sqlite:////srv/data.db", "sqlite:////srv/data.db"),
        ("postgresql://editor@db.press.org/digest", "postgresql://editor@db.press.org/digest"),
        ("postgresql+psycopg://db/digest", "postgresql+psycopg://db/digest"),
    ],
)
def test_only_a_relative_database_file_is_moved(folder: Path, url: str, expected: str) -> None:
    """Three slashes are relative, four absolute, and a server is left alone."""
    settings = load(folder, f'{MINIMAL}[database]\nurl = "{url}"')
    assert settings.database.url == expected.format(folder)


def test_every_source_has_a_slug(folder: Path) -> None:
    """Given, or made from the address, and never the same one twice."""
    settings = load(
        folder,
        f"""{MINIMAL}
[[sources]]
url = "https://blog.haven.org/feed"
[[sources]]
url = "https://blog.haven.org/atom.xml"
[[sources]]
url = "https://other.haven.org/feed"
slug = "blog-haven-org"
""",
    )
    slugs = [source.slug for source in settings.sources]
    assert slugs[2] == "blog-haven-org"
    assert all(slug and slug.startswith("blog-haven-org-") for slug in slugs[:2])
    assert len(set(slugs)) == 3


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://blog.haven.org/feeds/posts/default", "blog-haven-org"),
        ("https://www.haven.org/feed/", "haven-org"),
        ("https://haven.org/News/RSS.xml", "haven-org-news"),
        ("https://haven.org/blog/élan/feed", "haven-org-lan"),
        ("https://bücher.haven.org/feed", "bucher-haven-org"),
        ("http://127.0.0.1:8000/feed.xml", "127-0-0-1"),
    ],
)
def test_a_slug_is_made_from_host_and_path(url: str, slug: str) -> None:
    """Short, readable, and the same whenever it is made."""
    assert config.slug_for(url.replace("/blog/élan", "/blog/%C3%A9lan").replace("%C3%A9", "/")) == slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The Ferry Channel", "the-ferry-channel"),
        ("Hafenkanal Süd", "hafenkanal-sud"),
        ("Порт 24 news", ""),
        ("港", ""),
        ("", ""),
    ],
)
def test_an_address_that_only_its_query_tells_is_named_by_its_title(title: str, slug: str) -> None:
    """Where one is known and a slug can hold its letters; else by characters of its hash."""
    url = "https://video.example.org/feed?channel=7"
    assert config.slug_for(url, title=title) == (slug or "video-example-org-3bc845")
    assert config.slug_for("https://video.example.org/feed", title=title) == "video-example-org"


def test_sources_that_differ_by_query_or_are_long_get_a_slug_of_their_own() -> None:
    """Channels share host and path; a slug has at most 48 characters."""
    channels = [f"https://www.youtube.com/feeds/videos.xml?channel_id=UC{number}" for number in range(50)]
    slugs = {config.slug_for(url) for url in channels}
    assert len(slugs) == 50
    assert all(slug.startswith("youtube-com-") for slug in slugs)
    assert len(config.slug_for(f"https://{'long.' * 40}org/{'x' * 300}")) <= 48
    assert config.slug_for("https://новости.рф/") != config.slug_for("https://погода.рф/")


def test_sources_themes_and_rules_become_values_of_the_model(folder: Path) -> None:
    """In the order of the file."""
    settings = load(
        folder,
        f"""{MINIMAL}
[[sources]]
url = "https://blog.haven.org/feed"
slug = "haven"
own = true
[[themes]]
slug = "schools"
title = "Schools"
terms = ["school"]
terms_by_language = {{ fr = ["école"], de = ["Schule"] }}
[[rules]]
source = "haven"
theme = "schools"
[[rules]]
never_video = "https://video.haven.org/w/1"
""",
    )
    (source,) = config.declared_sources(settings)
    (theme,) = config.declared_themes(settings)
    assert (source.slug, source.url, source.own) == ("haven", "https://blog.haven.org/feed", True)
    assert (theme.terms, theme.terms_by_language) == (("school",), (("de", ("Schule",)), ("fr", ("école",))))
    assert config.declared_rules(settings) == (
        Rule(RuleKind.SOURCE_THEME, "haven", "schools"),
        Rule(RuleKind.NEVER_VIDEO, "https://video.haven.org/w/1"),
    )


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Path) -> None:
    """Some editors write them."""
    (folder / "config.toml").write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert config.load(folder / "config.toml").digests[0].slug == "weekly"


# ── what cannot be read at all ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"[mail\n", r"config\.toml line 1: this is not TOML: "),
        (b"a = 1\nb = \n", r"config\.toml line 2: this is not TOML: "),
        (b'a = 1\nb = """never\nends', r"config\.toml line 3: this is not TOML: "),
        (b"a = 1\na = 2\n", r"config\.toml line 2: this is not TOML: "),
        (b"# caf\xe9\nx = 1", r"config\.toml line 1: expected text in UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deep"),
        (b"#" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(folder: Path, data: bytes, sentence: str) -> None:
    """One sentence, whatever the bytes."""
    (folder / "config.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=sentence):
        config.load(folder / "config.toml")


def test_a_file_that_cannot_be_opened_is_told(folder: Path) -> None:
    """It may vanish between finding and reading."""
    with pytest.raises(ConfigError, match=r"gone\.toml cannot be read: No such file"):
        config.load(folder / "gone.toml")


# ── mistakes in values ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('slug = "weekly"', 'slug = "The Weekly"', '[[digests]] slug: expected a short name of lower-case letters, digits and hyphens, at most 48, got "The Weekly"'),
        ('title = "Weekly"', "title = 3", "[[digests]] title: expected text in quotes, got 3"),
        ('title = "Weekly"', 'title = ""', '[[digests]] title: expected some text, got ""'),
        ("[mail]", '[serve]\nproxies = ["300.1.2.3"]\n[mail]', "[serve] proxies: expected addresses or networks such as 127.0.0.1 or 10.0.0.0/8, got '300.1.2.3'"),
        ("[mail]", '[serve]\nproxies = ["proxy.example.org"]\n[mail]', "[serve] proxies: expected an address or a network such as 127.0.0.1 or 10.0.0.0/8"),
        ('days = ["sunday"]', 'days = "sunday"', '[[digests]] days: expected a list in square brackets, got "sunday"'),
        ('days = ["sunday"]', 'days = ["Sunday"]', "[[digests]] days: expected 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday' or 'sunday', got \"Sunday\""),
        ('days = ["sunday"]', "days = []", "[[digests]] days: expected at least 1 of them, got []"),
        ('days = ["sunday"]', 'days = ["sunday", "sunday"]', "[[digests]] days: expected each day once"),
        ('at = "09:00"', 'at = "9am"', '[[digests]] at: expected a time of day such as "09:00", got "9am"'),
        ('at = "09:00"', "at = 9", '[[digests]] at: expected a time of day such as "09:00", got 9'),
        ('at = "09:00"', 'at = "09:00+02:00"', "[[digests]] at: expected a local time without a zone, got 09:00:00+02:00; name the zone in `zone`"),
        ('zone = "Europe/Berlin"', 'zone = "Europe/Berlinn"', "[[digests]] zone: expected the IANA name of a time zone, got 'Europe/Berlinn'; did you mean Europe/Berlin?"),
        ('zone = "Europe/Berlin"', 'zone = "../../etc/passwd"', "[[digests]] zone: expected the IANA name of a time zone, got '../../etc/passwd'; for example Europe/Berlin"),
        ('zone = "Europe/Berlin"', 'zone = "Europe"', "[[digests]] zone: expected the IANA name of a time zone, got 'Europe'; did you mean Europe/Rome?"),
        ('zone = "Europe/Berlin"', 'zone = ""', "[[digests]] zone: expected the IANA name of a time zone, got ''; for example Europe/Berlin"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nmax_picks = 0', "[[digests]] max_picks: expected at least 1, got 0"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nmax_picks = 201', "[[digests]] max_picks: expected at most 200, got 201"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nmax_picks = "12"', '[[digests]] max_picks: expected a whole number, got "12"'),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nmax_picks = 2.5', "[[digests]] max_picks: expected a whole number, got 2.5"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nmax_picks = 2\nmin_picks = 3', "[[digests]] min_picks: expected at most max_picks, which is 2, got 3"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\napproval = "yes"', "[[digests]] approval: expected 'hold', 'auto' or 'veto', got \"yes\""),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\ncutoff = "noon"', "[[digests]] cutoff: expected a time on the slot's day or before it, such as \"18:00\", \"friday 18:00\" or \"-2 18:00\", got \"noon\""),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nsend_at = "-14 09:00"', "[[digests]] send_at: expected a time on the slot's day or before it"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\ncutoff = "09:01"', "[[digests]] cutoff: expected a time before the issue goes out, got '09:01'"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nreview_by = "-1"\nsend_at = "-2"', "[[digests]] review_by: expected a time before the issue goes out, got '-1'"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nreview_by = "friday 08:00"\napproval = "veto"', "[[digests]] review_by: expected a time after the draft is opened (`draft_hours`)"),
        ('days = ["sunday"]', 'days = ["monday", "thursday"]\nsend_at = "friday 18:00"', "[[digests]] send_at: expected another time for each of `days`, in their order"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\npause = ["2026-13-01"]', "[[digests]] pause: expected days of the calendar"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\npause = ["Christmas"]', '[[digests]] pause: expected a day or two days such as "2026-12-24..2027-01-03", got "Christmas"'),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\npause = ["2027-01-03..2026-12-24"]', "[[digests]] pause: expected a first day and a last day, at most a year later, got 2027-01-03..2026-12-24"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nmissed = "never"', "[[digests]] missed: expected 'merge', 'catch-up' or 'skip', got \"never\""),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nfirst_issue = 0', "[[digests]] first_issue: expected at least 1, got 0"),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\nlanguage = "English"', '[[digests]] language: expected a language tag such as en or pt-BR, got "English"'),
        ('zone = "Europe/Berlin"', 'zone = "UTC"\naprroval = "auto"', "[[digests]] aprroval: unknown key; did you mean approval?"),
        ('postal = "1 Quay Street, Haven"', 'postal = "   "', "[mail] postal: expected the postal line that every newsletter must show"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nlive = "false"', '[mail] live: expected true or false, got "false"'),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nreply_to = "editors"', '[mail] reply_to: expected an address such as "Name <news@example.org>", got \'editors\': An email address must have an @-sign.'),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nrelay = "mail.haven.org:25"', "[mail] relay: expected smtp://host:port or smtps://host:port, got 'mail.haven.org:25'"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nrelay = "smtp://mail.haven.org:99999"', "[mail] relay: expected smtp://host:port or smtps://host:port, got 'smtp://mail.haven.org:99999'"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nstarttls = "maybe"', "[mail] starttls: expected 'required', 'offered' or 'never', got \"maybe\""),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\ntimeout_seconds = 0.5', "[mail] timeout_seconds: expected at least 1.0, got 0.5"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nconnections = 0', "[mail] connections: expected at least 1, got 0"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nper_second = 0', "[mail] per_second: expected more than 0"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nwarm_up = [500]', "[mail] warm_up: expected `warm_up` and `warm_up_from` together"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nwarm_up = [0]\nwarm_up_from = 2026-11-22', "[mail] warm_up: expected at least 1 message a day"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nsecond_relay = "mail2.haven.org"', "[mail] second_relay: expected smtp://host:port or smtps://host:port, got 'mail2.haven.org'"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nsecond_relay = "smtp://me:x@mail2.haven.org"', "those go to `second_username` and `second_password_file`"),
        ('postal = "1 Quay Street, Haven"', 'postal = "x"\nfolder = 5', "[mail] folder: expected text in quotes, got 5"),
        ('tag = "tag:press.tvhaven.org,2026:"', 'tag = "press.tvhaven.org"', '[publish] tag: expected a tag: URI (RFC 4151) such as tag:news.example.org,2026:, got "press.tvhaven.org"'),
        ('app_url = "https://press.tvhaven.org/"', 'app_url = "press.tvhaven.org"', '[publish] app_url: expected an address that starts with http:// or https://, got "press.tvhaven.org"'),
        ('app_url = "https://press.tvhaven.org/"', 'app_url = "https://press.tvhaven.org/?a=b"', "[publish] app_url: expected an address without a name, query or fragment"),
        ('app_url = "https://press.tvhaven.org/"', 'app_url = "https://press.tvhaven.org/"\naccent = "teal"', '[publish] accent: expected a colour such as #0b5d5b, got "teal"'),
        ("[mail]", '[colect]\n[mail]', "colect: unknown key; did you mean collect?"),
        ("[mail]", '[collect]\nallow = ["127.0.0.1"]\n[mail]', "[collect] allow: expected host:port, for example 127.0.0.1:8000, got '127.0.0.1'"),
        ("[mail]", '[database]\nurl = "mysql://db/digest"\n[mail]', "[database] url: expected sqlite:///PATH or postgresql://HOST/NAME, got the scheme 'mysql'"),
        ("[mail]", '[[rules]]\nsource = "x"\n[mail]', "[[rules]]: expected either `source` and `theme`, or `never_video`"),
        ("[mail]", '[[rules]]\nnever_video = "https://a.org/"\ntheme = "x"\n[mail]', "[[rules]]: expected either `source` and `theme`, or `never_video`"),
        ("[mail]", '[[rules]]\nname = "x"\n[mail]', "or `name` and `spelling`"),
        ("[mail]", '[[rules]]\nname = "x"\nspelling = "y"\ntheme = "z"\n[mail]', "or `name` and `spelling`"),
        ("[mail]", '[[themes]]\nslug = "a"\ntitle = "A"\nterms = ["ok",\n "",\n]\n[mail]', '[[themes]] terms: expected some text, got ""'),
        ("[mail]", '[[themes]]\nslug = "a"\ntitle = "A"\nterms_by_language = { de = "Wahl" }\n[mail]', '[[themes]] terms_by_language.de: expected a list in square brackets, got "Wahl"'),
        ("[mail]", '[[sources]]\nurl = "https://a.org:99999/"\n[mail]', "[[sources]] url: expected an address, got 'https://a.org:99999/'"),
        ("[mail]", '[[sources]]\nurl = "https://[::1/"\n[mail]', "[[sources]] url: expected an address, got 'https://[::1/'"),
        ("[mail]", '[[sources]]\nurl = "https://a.org/"\nweight = nan\n[mail]', "[[sources]] weight: expected "),
        ("[mail]", '[[sources]]\nurl = "https://a.org/"\nweight = 0\n[mail]', "[[sources]] weight: expected more than 0.0, got 0"),
        ("[mail]", "sources = 3\n[mail]", "[[digests]] sources: expected a list in square brackets, got 3"),
    ],
)  # fmt: skip
def test_a_mistake_says_what_is_expected_and_what_stands_there(
    folder: Path, old: str, new: str, sentence: str
) -> None:
    """With its line, and it is the only one: no mistake drags others behind it."""
    text = MINIMAL.replace(old, new)
    (finding,) = [found for found in mistakes(folder, text) if "known: none" not in found]
    assert finding.startswith("config.toml line ")
    assert sentence in finding


@pytest.mark.parametrize(
    "key", ["slug", "title", "days", "at", "zone", "from", "postal", "tag", "feeds_url", "app_url"]
)
def test_a_missing_setting_is_named_at_its_table(folder: Path, key: str) -> None:
    """The line is the table's, since the key has none."""
    text = "\n".join(line for line in MINIMAL.splitlines() if not line.startswith(f"{key} ="))
    (finding,) = mistakes(folder, text)
    assert finding.endswith(f"] {key}: expected a value, but it is missing")
    number = int(finding.split("line ")[1].split(":")[0])
    assert text.splitlines()[number - 1].startswith("[")


def test_an_empty_file_names_every_table_that_is_needed(folder: Path) -> None:
    """And says where an example comes from."""
    found = mistakes(folder, "")
    assert [sentence.split(": ")[1] for sentence in found] == ["[[digests]]", "[mail]", "[publish]"]
    assert all("digest init DIR" in sentence for sentence in found)


@pytest.mark.parametrize(
    "text", ["mail = 3", "[[mail]]", "digests = 3", "[digests]", "themes = [1]", "[rules]\na = 1"]
)
def test_a_table_of_the_wrong_kind_is_one_sentence_at_its_line(folder: Path, text: str) -> None:
    """``[x]`` for ``[[x]]`` is an easy slip."""
    name = text.strip("[").partition("]")[0].partition(" ")[0]
    rest = (
        MINIMAL
        if name in ("themes", "rules")
        else MINIMAL.replace(f"[{name}]", "[ignored]").replace("[[ignored]]", "[[ignored]]")
    )
    found = [sentence for sentence in mistakes(folder, f"{text}\n{rest}") if "ignored" not in sentence]
    assert len(found) == 1
    assert found[0].startswith("config.toml line 1: [")


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(folder: Path) -> None:
    """In one table and in several, in single values and between them."""
    text = (
        MINIMAL.replace('title = "Weekly"', "title = 3")
        .replace("Europe/Berlin", "Europe/Nowhere")
        .replace('at = "09:00"', 'at = "09:00"\nthemes = ["schols"]')
        .replace("news@press", "news@@press")
        .replace('"tag:press', '"gat:press')
        + '[[themes]]\nslug = "schools"\ntitel = "Schools"\n[[themes]]\nslug = "schools"\ntitle = "Again"\n'
    )
    found = mistakes(folder, text)
    places = ["title", "themes", "zone", "from", "tag", "title", "titel", "slug"]
    assert [sentence.split(": ")[1].split(" ")[1] for sentence in found] == places
    lines = [int(sentence.split("line ")[1].split(":")[0]) for sentence in found]
    assert lines == sorted(lines)
    assert lines[1] == line(text, "schols")
    assert "did you mean schools?" in found[1]


# ── what must agree ──────────────────────────────────────────────────────────────────────────────

TABLES = """
[[sources]]
url = "https://one.haven.org/feed"
slug = "one"
[[sources]]
url = "https://two.haven.org/feed"
[[themes]]
slug = "schools"
title = "Schools"
"""


def test_names_of_the_file_may_be_used_in_it(folder: Path) -> None:
    """A slug that was given, and one that was made from the address."""
    text = (
        MINIMAL.replace("[mail]", 'sources = ["one", "two-haven-org"]\nthemes = ["schools"]\n[mail]') + TABLES
    )
    assert load(folder, text).digests[0].sources == ("one", "two-haven-org")


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        ('[[rules]]\nsource = "ona"\ntheme = "schools"', "[[rules]] source: expected the slug of a source of this file, got 'ona'; did you mean one?"),
        ('[[rules]]\nsource = "one"\ntheme = "health"', "[[rules]] theme: expected the slug of a theme of this file, got 'health'; known: schools"),
        ('[[sources]]\nurl = "https://three.haven.org/"\nslug = "one"', "[[sources]] slug: expected one that no other has, got 'one' as in number 1"),
        ('[[sources]]\nurl = "https://ONE.haven.org:443/feed?utm_source=x"', "[[sources]] url: expected one that no other has, got 'https://one.haven.org/feed' as in number 1"),
        ('[[themes]]\nslug = "schools"\ntitle = "More"', "[[themes]] slug: expected one that no other has, got 'schools' as in number 1"),
        ('[[digests]]\nslug = "weekly"\ntitle = "B"\ndays = ["monday"]\nat = "01:00"\nzone = "UTC"', "[[digests]] slug: expected one that no other has, got 'weekly' as in number 1"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_told(folder: Path, added: str, sentence: str) -> None:
    """Unknown names with the nearest known one, and what stands there twice."""
    (finding,) = mistakes(folder, MINIMAL + TABLES + added)
    assert finding.endswith(sentence)


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["password", "smtp_password", "secret", "SECRET_KEY", "api_token"])
def test_a_secret_in_the_file_is_a_mistake_and_is_not_repeated(folder: Path, key: str) -> None:
    """Error messages end up in logs and in questions to strangers."""
    (finding,) = mistakes(folder, MINIMAL.replace("[publish]", f'{key} = "hunter2"\n[publish]'))
    assert f"[mail] {key}: a secret does not belong into this file" in finding
    assert "DIGEST_MAIL_PASSWORD" in finding
    assert "hunter2" not in finding


@pytest.mark.parametrize(
    "text",
    [
        MINIMAL.replace("[publish]", 'relay = "smtp://me:hunter2@mail.haven.org"\n[publish]'),
        MINIMAL + '[database]\nurl = "postgresql://me:hunter2@db/digest"',
        MINIMAL + '[[sources]]\nurl = "https://me:hunter2@blog.haven.org/feed"',
        MINIMAL.replace("app_url = ", 'unknown = "hunter2"\napp_url = '),
    ],
)
def test_a_password_in_an_address_is_a_mistake_and_is_not_repeated(folder: Path, text: str) -> None:
    """Wherever it hides."""
    (finding,) = mistakes(folder, text)
    assert "hunter2" not in finding


# ── going live ───────────────────────────────────────────────────────────────────────────────────

LIVE = MINIMAL.replace("[publish]", "live = true\n[publish]")


def test_a_file_with_its_own_values_may_go_live(folder: Path) -> None:
    """The control for what follows."""
    assert load(folder, LIVE).mail.live
    assert config.warnings(load(folder, MINIMAL + '[[sources]]\nurl = "https://a.haven.org/"')) == ()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("news@press.tvhaven.org", "news@example.org", "[mail] from"),
        ("news@press.tvhaven.org", "news@lists.example.com", "[mail] from"),
        ("1 Quay Street, Haven", EXAMPLE_POSTAL, "[mail] postal"),
        ("tag:press.tvhaven.org", "tag:example.org", "[publish] tag"),
        ("tag:press.tvhaven.org", "tag:editor@example.net", "[publish] tag"),
        (
            'feeds_url = "https://press.tvhaven.org',
            'feeds_url = "http://press.tvhaven.org',
            "[publish] feeds_url",
        ),
        ('app_url = "https://press.tvhaven.org', 'app_url = "https://localhost:8000', "[publish] app_url"),
        ('app_url = "https://press.tvhaven.org', 'app_url = "https://www.example.org', "[publish] app_url"),
    ],
)
def test_an_example_value_cannot_go_live_and_is_a_warning_before(
    folder: Path, old: str, new: str, key: str
) -> None:
    """Permanent ids and real people must not meet the example's domain."""
    (finding,) = mistakes(folder, LIVE.replace(old, new))
    assert f": {key}: expected " in finding
    text = MINIMAL.replace(old, new) + '[[sources]]\nurl = "https://a.haven.org/"'
    (warning,) = config.warnings(load(folder, text))
    assert warning.startswith(f"Before mail goes live: {key}: expected ")


def test_a_password_never_crosses_the_network_in_clear(folder: Path) -> None:
    """``starttls = "never"`` with a name to sign in is for this machine only."""
    clear = 'username = "me"\nstarttls = "never"\nrelay = "smtp://{}"\n[publish]'
    (finding,) = mistakes(folder, MINIMAL.replace("[publish]", clear.format("mail.haven.org")))
    assert "[mail] starttls: expected " in finding
    assert load(folder, MINIMAL.replace("[publish]", clear.format("127.0.0.1:2525")))


def test_no_source_at_all_is_a_warning(folder: Path) -> None:
    """They may come by command, but probably it was forgotten."""
    assert config.warnings(load(folder, MINIMAL))[0].startswith("config.toml names no [[sources]]")
