"""What is written and what must not stand in the file: new installations, exports, secrets, the example itself."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from digest import config
from digest.config.checks import EXAMPLE_POSTAL
from digest.config.exporting import value_text
from digest.config.lines import line_of, lines
from digest.errors import ConfigError
from digest.model import FullText, Rule, RuleKind, Source, SourceOwner, Theme
from digest.settings import Settings
from digest.tokens import parse_keys
from setting_names import every_setting

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "config.toml").read_text(encoding="utf-8")
COMMENTED = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path) -> Settings:
    """The settings of the example, as an installation has them."""
    (tmp_path / "config.toml").write_text(EXAMPLE, encoding="utf-8")
    return config.load(tmp_path / "config.toml")


# ── the example ──────────────────────────────────────────────────────────────────────────────────


def test_the_example_is_right_and_safe(example: Settings) -> None:
    """It is what a newcomer starts from: nothing leaves, one weekly digest, five themes."""
    assert not example.mail.live
    assert [digest.slug for digest in example.digests] == ["weekly"]
    assert len(example.themes) == 5
    assert example.mail.postal == EXAMPLE_POSTAL


def test_the_example_is_told_apart_before_mail_goes_live(example: Settings) -> None:
    """Each of its made-up values is named."""
    told = {warning.split("]")[1].split(":")[0].strip() for warning in config.warnings(example)}
    assert told == {"from", "postal", "tag", "feeds_url", "app_url"}


def test_the_example_cannot_go_live_as_it_is(tmp_path: Path) -> None:
    """One changed word must not send mail from example.org."""
    path = tmp_path / "config.toml"
    path.write_text(EXAMPLE.replace("live = false", "live = true"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert len(caught.value.findings) == 5


def settings_of(text: str) -> Iterator[tuple[str, str]]:
    """(table, key) of every key that a TOML text sets."""
    for table, value in tomllib.loads(text).items():
        for row in value if isinstance(value, list) else [value]:
            yield from ((table, key) for key in row)


def test_every_setting_stands_in_the_example() -> None:
    """Set, or commented out with its default."""
    assert set(settings_of(COMMENTED.sub("", EXAMPLE))) == {(table, key) for table, key, _ in every_setting()}


def test_what_the_example_comments_out_is_the_default(example: Settings, tmp_path: Path) -> None:
    """Taking a "#" away changes nothing, except for what has no default and stands there as an example."""
    (tmp_path / "config.toml").write_text(COMMENTED.sub("", EXAMPLE), encoding="utf-8")
    told = config.load(tmp_path / "config.toml")
    limits = dict.fromkeys(("per_second", "per_hour", "per_day", "warm_up_from"))
    files = dict.fromkeys(("password_file", "second_password_file"))
    mail = told.mail.model_copy(update={**limits, **files, "warm_up": ()})
    publish = told.publish.model_copy(
        update={"templates_dir": None, "accent_dark": None, "logo": None, "hub": None}
    )
    inbound = told.inbound.model_copy(update={"imap_password_file": None, "webhooks_file": None})
    sources = tuple(each.model_copy(update={"quotes": None, "excerpt_words": None}) for each in told.sources)
    operation = {
        "operate": told.operate.model_copy(update={"heartbeat": None, "metrics_token_file": None}),
        "notices": told.notices.model_copy(update={"webhook": None, "webhook_secret_file": None}),
        "retention": told.retention.model_copy(update={"audit_days": None}),
    }
    changed = {"mail": mail, "inbound": inbound, "publish": publish, "sources": sources, **operation}
    assert told.model_copy(update=changed) == example


# ── init ─────────────────────────────────────────────────────────────────────────────────────────


def test_init_makes_an_installation_that_loads(tmp_path: Path) -> None:
    """The example as config.toml, a secret of its own, and the folders; nothing else."""
    made = config.init(tmp_path / "sites" / "mine", EXAMPLE)
    home = tmp_path / "sites" / "mine"
    assert made == [
        tmp_path / "sites",
        home,
        home / "var",
        home / "feeds",
        home / "var/secret.key",
        home / "config.toml",
    ]
    assert sorted(home.rglob("*")) == sorted(made[2:])
    settings = config.load(home / "config.toml")
    assert parse_keys(config.secret_keys(settings, {})).keys


def test_the_secret_is_fresh_and_for_its_owner_only(tmp_path: Path) -> None:
    """Two installations never share a key."""
    config.init(tmp_path / "a", EXAMPLE)
    config.init(tmp_path / "b", EXAMPLE)
    first, second = tmp_path / "a/var/secret.key", tmp_path / "b/var/secret.key"
    assert first.read_text() != second.read_text()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_init_works_in_a_folder_with_other_things(tmp_path: Path) -> None:
    """They stay."""
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "feeds").mkdir()
    config.init(tmp_path, EXAMPLE)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "config.toml").read_text() == EXAMPLE


@pytest.mark.parametrize("name", ["config.toml", "var/secret.key"])
def test_init_never_overwrites(tmp_path: Path, name: str) -> None:
    """A second init changes nothing, and says why."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match=f"{name} exists already: choose another folder"):
        config.init(tmp_path, EXAMPLE)
    assert path.read_text() == "mine"
    assert sorted(tmp_path.rglob("*")) == before


def test_an_init_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file where a folder must be: what was made before is removed."""
    home = tmp_path / "mine"
    home.mkdir()
    (home / "feeds").write_text("not a folder")
    with pytest.raises(ConfigError, match=r"feeds cannot be written: File exists; nothing was changed"):
        config.init(home, EXAMPLE)
    assert [path.name for path in home.iterdir()] == ["feeds"]
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written: Not a directory"):
        config.init(tmp_path / "file" / "mine", EXAMPLE)


def test_a_text_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """Even a failure in the last step takes the secret with it."""
    home = tmp_path / "mine"
    with pytest.raises(UnicodeEncodeError):
        config.init(home, "\ud800")
    assert not home.exists()


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


def with_mail(example: Settings, **values: object) -> Settings:
    return example.model_copy(update={"mail": example.mail.model_copy(update=values)})


def test_no_user_name_needs_no_password(example: Settings) -> None:
    """A relay on this machine mostly asks for none."""
    assert config.mail_password(example, {"DIGEST_MAIL_PASSWORD": "x"}) == ""


def test_the_password_comes_from_the_environment_or_its_file(example: Settings, tmp_path: Path) -> None:
    """The environment wins; spaces belong to a password, the end of the line does not."""
    file = tmp_path / "password"
    file.write_bytes(b" two words \r\n")
    settings = with_mail(example, username="me", password_file=file)
    assert config.mail_password(settings, {}) == " two words "
    assert config.mail_password(settings, {"DIGEST_MAIL_PASSWORD": "other"}) == "other"


def test_a_missing_password_says_what_to_do(example: Settings, tmp_path: Path) -> None:
    """No file named, a file that is not there, an empty one, one that is no text."""
    with pytest.raises(
        ConfigError, match=r"username is 'me', but there is no password: .*DIGEST_MAIL_PASSWORD"
    ):
        config.mail_password(with_mail(example, username="me"), {})
    file = tmp_path / "password"
    settings = with_mail(example, username="me", password_file=file)
    for data, sentence in (
        (None, "cannot be read: No such file"),
        (b" \n", "is empty"),
        (b"\xff", "no text"),
    ):
        if data is not None:
            file.write_bytes(data)
        with pytest.raises(ConfigError, match=rf"\[mail\] password_file names .*{sentence}"):
            config.mail_password(settings, {})


def test_the_second_relay_has_a_password_of_its_own(example: Settings, tmp_path: Path) -> None:
    """The first one's is never shown to it, not even where it has none."""
    file = tmp_path / "password"
    file.write_bytes(b"second\n")
    settings = with_mail(example, username="me", second_username="us", second_password_file=file)
    assert config.second_mail_password(settings, {"DIGEST_MAIL_PASSWORD": "first"}) == "second"
    assert config.second_mail_password(settings, {"DIGEST_MAIL_SECOND_PASSWORD": "other"}) == "other"
    assert config.second_mail_password(example, {"DIGEST_MAIL_SECOND_PASSWORD": "other"}) == ""
    bare = with_mail(example, second_username="us")
    with pytest.raises(ConfigError, match=r"\[mail\] second_username is 'us', but there is no password"):
        config.second_mail_password(bare, {"DIGEST_MAIL_PASSWORD": "first"})


def test_the_keys_come_from_the_environment_or_their_file(example: Settings, tmp_path: Path) -> None:
    """As text: what a key is, is not decided here."""
    with pytest.raises(ConfigError, match=r"\[serve\] secret_file names .*secret\.key, .* set DIGEST_SECRET"):
        config.secret_keys(example, {})
    config.write_secret(tmp_path / "var/secret.key")
    assert config.secret_keys(example, {}) == (tmp_path / "var/secret.key").read_text()
    assert config.secret_keys(example, {"DIGEST_SECRET": "abc"}) == "abc"


def test_a_secret_that_others_can_read_is_a_warning(example: Settings, tmp_path: Path) -> None:
    """With the command that mends it."""
    secret = tmp_path / "var/secret.key"
    config.write_secret(secret)
    assert not [warning for warning in config.warnings(example) if "chmod" in warning]
    secret.chmod(0o640)
    (warning,) = [warning for warning in config.warnings(example) if "chmod" in warning]
    assert warning.endswith(f"run `chmod 600 {secret}`.")


# ── export ───────────────────────────────────────────────────────────────────────────────────────


def exported(settings: Settings) -> str:
    return config.export(
        settings,
        config.declared_sources(settings),
        config.declared_themes(settings),
        config.declared_rules(settings),
    )


def test_an_export_reads_back_equal(example: Settings, tmp_path: Path) -> None:
    """In any folder, for its paths are absolute."""
    other = tmp_path / "elsewhere" / "config.toml"
    other.parent.mkdir()
    other.write_text(exported(example), encoding="utf-8")
    assert config.load(other) == example


def test_an_export_holds_what_commands_added(example: Settings, tmp_path: Path) -> None:
    """File and database as one; what is retired stays out."""
    added = Source(
        "added", "https://added.haven.org/feed", "Added", own=True, weight=2.5, owner=SourceOwner.COMMAND
    )
    added = replace(
        added, shorts=False, live=False, premieres=False, quotes=0, excerpt_words=30, fulltext=FullText.NEVER
    )
    retired = Source("gone", "https://gone.haven.org/feed", retired=True)
    theme = Theme(
        "sea", "The sea", ("tide",), ("tidy",), (("de", ("Flut",)),), "Salt", 0.5, SourceOwner.COMMAND
    )
    rules = [
        Rule(RuleKind.SOURCE_THEME, "added", "sea", SourceOwner.COMMAND),
        Rule(RuleKind.NEVER_VIDEO, "https://video.haven.org/w/1", retired=True),
    ]
    path = tmp_path / "export.toml"
    path.write_text(config.export(example, [added, retired], [theme], rules), encoding="utf-8")
    settings = config.load(path)
    assert [replace(source, owner=SourceOwner.COMMAND) for source in config.declared_sources(settings)] == [
        added
    ]
    (found,) = config.declared_themes(settings)
    assert (found.terms_by_language, found.not_terms, found.weight) == (
        theme.terms_by_language,
        ("tidy",),
        0.5,
    )
    assert config.declared_rules(settings) == (Rule(RuleKind.SOURCE_THEME, "added", "sea"),)
    assert settings.mail == example.mail


# A lone surrogate is no text in any file; TOML makes one line end of CR LF.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@effort(deadline=None, max_examples=50)
@given(
    title=TEXT, terms=st.lists(TEXT, max_size=4), language=TEXT, at=st.times(), weight=st.floats(0.001, 10)
)
def test_any_text_survives_an_export(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    terms: list[str],
    language: str,
    at: time,
    weight: float,
) -> None:
    """Quotes, backslashes, controls, emoji, line ends, in values and in keys."""
    path = tmp_path_factory.mktemp("export") / "config.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    example = config.load(path)
    digest = example.digests[0].model_copy(update={"title": title, "at": at})
    theme = Theme("any", title, tuple(terms), terms_by_language=((language, tuple(terms)),), weight=weight)
    text = config.export(example.model_copy(update={"digests": (digest,)}), [], [theme], [])
    path.write_text(text, encoding="utf-8", newline="")
    settings = config.load(path)
    assert settings.digests == (digest,)
    assert config.declared_themes(settings) == (theme,)


# ── lines ────────────────────────────────────────────────────────────────────────────────────────

TRICKY = '''\
# [not.a.table]
title = "a # no comment [x]" # a comment
[mail]   # [[nor.this]]
"from" = """
[digests]
days = \\"""x"""
postal = \'\'\'it's "x"
live = true\'\'\'
a.b = 1.5
a.'c d' = 2026-11-22T10:00:00Z
[[digests]]
days = [
  "monday", # first
  "tues]day",

  ["x", { y = 1 }],
]
[digests.inner]
key = { one = 1, two = [ { deep = true } ] }
[[digests]]
at = "x"
[[digests.more]]
z = \'\'
[[digests.more]]
z = 1
'''


def test_lines_are_found_through_strings_comments_and_nesting() -> None:
    """Each place is where an editor would look for it."""
    assert tomllib.loads(TRICKY)
    assert dict(lines(TRICKY)) == {
        ("title",): 2,
        ("mail",): 3,
        ("mail", "from"): 4,
        ("mail", "postal"): 7,
        ("mail", "a"): 9,
        ("mail", "a", "b"): 9,
        ("mail", "a", "c d"): 10,
        ("digests",): 11,
        ("digests", 0): 11,
        ("digests", 0, "days"): 12,
        ("digests", 0, "days", 0): 13,
        ("digests", 0, "days", 1): 14,
        ("digests", 0, "days", 2): 16,
        ("digests", 0, "days", 2, 0): 16,
        ("digests", 0, "days", 2, 1): 16,
        ("digests", 0, "days", 2, 1, "y"): 16,
        ("digests", 0, "inner"): 18,
        ("digests", 0, "inner", "key"): 19,
        ("digests", 0, "inner", "key", "one"): 19,
        ("digests", 0, "inner", "key", "two"): 19,
        ("digests", 0, "inner", "key", "two", 0): 19,
        ("digests", 0, "inner", "key", "two", 0, "deep"): 19,
        ("digests", 1): 20,
        ("digests", 1, "at"): 21,
        ("digests", 1, "more"): 22,
        ("digests", 1, "more", 0): 22,
        ("digests", 1, "more", 0, "z"): 23,
        ("digests", 1, "more", 1): 24,
        ("digests", 1, "more", 1, "z"): 25,
    }


def test_a_place_that_is_not_there_has_the_line_around_it() -> None:
    """A missing key is told at its table."""
    found = lines(TRICKY)
    assert line_of(found, ("digests", 1, "days", 4)) == 20
    assert line_of(found, ("nothing", 1)) is None


def places(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*place, key)
        yield from places(item, (*place, key))


@pytest.mark.parametrize(
    "text", [EXAMPLE, COMMENTED.sub("", EXAMPLE), TRICKY], ids=["example", "all", "tricky"]
)
def test_every_place_that_tomllib_knows_has_a_line(text: str) -> None:
    """The scanner and the parser agree on what is in a document."""
    assert set(places(tomllib.loads(text))) == set(lines(text))


@effort(deadline=None)
@given(
    st.recursive(
        st.booleans() | TEXT | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
    )
)
def test_any_value_on_one_line_is_scanned(value: object) -> None:
    """Whatever is nested in whatever."""
    text = f"\nkey = {value_text(value)}\nlast = 1\n"
    found = lines(text)
    assert {place for place in found if place[0] == "key"} == {
        ("key",),
        *(("key", *place) for place in places(tomllib.loads(text)["key"])),
    }
    assert (found["key",], found["last",]) == (2, 3)
