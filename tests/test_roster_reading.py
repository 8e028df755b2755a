"""Lists of four kinds → the same rows, with a reason and a line for all that is left out."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from digest.errors import ParseError
from digest.roster.addresses import fault
from digest.roster.moments import moment
from digest.roster.reading import Roster, never_asked, one_line, read
from digest.roster.rows import Row, Standing, Unread

MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,GMTOFF,DSTOFF,'
    "TIMEZONE,CC,REGION,{extra}LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
)
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at\n"
GHOST = "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"


def roster(text: str, name: str = "people.csv", format_name: str = "") -> Roster:
    return read(io.BytesIO(text.encode()), name, format_name)


def rows(text: str, name: str = "people.csv") -> list[Row | Unread]:
    return list(roster(text, name).rows)


def standings(text: str, name: str = "people.csv") -> dict[str, Standing]:
    return {row.address: row.standing for row in rows(text, name) if isinstance(row, Row)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# ── Mailchimp ────────────────────────────────────────────────────────────────────────────────────


def test_mailchimps_subscribed_are_read_with_their_consent_and_tags() -> None:
    """The time of confirmation where there is one, else that of opting in; tags stand in quotation marks of their own."""
    text = MAILCHIMP.format(extra="") + (
        'ada@example.org,Ada,Lorne,4,"2024-03-01 09:00:00",203.0.113.9,"2024-03-01 09:05:10",203.0.113.9,1,2,'
        'Europe/Paris,fr,11,"2025-01-01 00:00:00",1,a,"met at the fair,\nasked twice","""Water, wells"",""Schools"""\n'
        'bo@example.org,,,2,"2024-04-01 00:00:00",,,,,,,,,"2025-01-01 00:00:00",2,b,,\n'
    )
    found = roster(text, "subscribed_email_audience_export_1a2b3c.csv")
    assert (found.format.name, found.standing, found.ignored) == ("mailchimp", Standing.SUBSCRIBED, ())
    assert list(found.rows) == [
        Row(2, "ada@example.org", tags=("Water, wells", "Schools"), consent_at=at("2024-03-01T09:05:10")),
        Row(4, "bo@example.org", consent_at=at("2024-04-01")),
    ]


@pytest.mark.parametrize(
    ("name", "extra", "standing"),
    [
        ("unsubscribed_email_audience_export_1a2b3c.csv", "UNSUB_TIME,", Standing.UNSUBSCRIBED),
        ("audience.zip/cleaned_members_export_1a2b3c.csv", "CLEAN_TIME,", Standing.SUPPRESSED),
        ("renamed by somebody.csv", "UNSUB_TIME,", Standing.UNSUBSCRIBED),
        ("renamed by somebody.csv", "CLEAN_TIME,", Standing.SUPPRESSED),
    ],
)
def test_mailchimps_others_are_told_by_their_file_or_their_column(
    name: str, extra: str, standing: Standing
) -> None:
    """Even where the time is missing: nobody in such a file gets mail again."""
    text = MAILCHIMP.format(extra=extra)
    text += 'ada@example.org,,,2,"2024-03-01 09:00:00",,,,,,,,,"2025-06-01 10:00:00",,1,a,,\n'
    text += "bo@example.org,,,2,,,,,,,,,,,,2,b,,\n"
    ada, bo = rows(text, name)
    assert isinstance(ada, Row)
    assert isinstance(bo, Row)
    assert (ada.standing, ada.left_at) == (standing, at("2025-06-01T10:00"))
    assert (bo.standing, bo.left_at) == (standing, None)


def test_a_list_that_was_put_together_by_hand_is_read_row_by_row() -> None:
    """It has both columns of times: whoever has one filled is out, and the others stay in."""
    text = (
        "Email Address,MEMBER_RATING,UNSUB_TIME,CLEAN_TIME\n"
        "in@example.org,2,,\nleft@example.org,2,2025-01-01 00:00:00,\ngone@example.org,2,,2025-01-01 00:00:00\n"
    )
    assert standings(text) == {
        "in@example.org": Standing.SUBSCRIBED,
        "left@example.org": Standing.UNSUBSCRIBED,
        "gone@example.org": Standing.SUPPRESSED,
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.zip/nonsubscribed_email_audience_export_1.csv", True),
        ("nonsubscribed_members_export_1.csv", True),
        ("SMS_only_audience_export_1.csv", True),
        ("unsubscribed_members_export_1.csv", False),
        ("subscribed_members_export_1.csv", False),
    ],
)
def test_people_who_never_asked_for_mail_are_told_by_the_name_of_their_file(name: str, *, told: bool) -> None:
    """Mailchimp exports them beside those who did."""
    assert never_asked(name) is told


# ── listmonk ─────────────────────────────────────────────────────────────────────────────────────


def test_listmonks_words_times_and_attributes_are_understood() -> None:
    """Times as Go prints them; tags stand among attributes of any shape."""
    text = LISTMONK + (
        '0a,ada@example.org,Ada,"{""city"":""Hollin"",""tags"":[""water"",""schools"",7]}",enabled,'
        "2024-03-01 09:00:00.123456 +0200 CEST,2024-03-02 09:00:00 +0000 UTC\n"
        "0b,bo@example.org,Bo,{},disabled,2024-03-01 09:00:00 +0000 UTC,2024-05-02 09:00:00.5 +0000 UTC\n"
        "0c,cy@example.org,Cy,,blocklisted,2024-03-01 09:00:00 +0000 UTC,2024-06-02 09:00:00 +0000 UTC\n"
        '0d,di@example.org,Di,"[[[",enabled,2024-03-01 09:00:00 +0000 UTC,2024-06-02 09:00:00 +0000 UTC\n'
    )
    assert roster(text).format.name == "listmonk"
    noon = at("2024-03-01T09:00")
    assert rows(text) == [
        Row(2, "ada@example.org", tags=("water", "schools"), consent_at=at("2024-03-01T07:00")),
        Row(3, "bo@example.org", Standing.UNSUBSCRIBED, consent_at=noon, left_at=at("2024-05-02T09:00")),
        Row(4, "cy@example.org", Standing.SUPPRESSED, consent_at=noon, left_at=at("2024-06-02T09:00")),
        Row(5, "di@example.org", consent_at=noon),
    ]


def test_attributes_as_deep_as_one_likes_do_no_harm() -> None:
    """They are JSON of strangers."""
    deep = "[" * 100_000
    text = LISTMONK + f"0a,ada@example.org,Ada,{deep},enabled,,\n"
    assert standings(text) == {"ada@example.org": Standing.SUBSCRIBED}


# ── Ghost ────────────────────────────────────────────────────────────────────────────────────────


def test_ghosts_members_are_told_apart_by_whether_they_take_mail() -> None:
    """Who says neither yes nor no is not written to, nor who was deleted."""
    text = GHOST + (
        '1,ada@example.org,Ada,,true,false,,2024-01-15T10:00:00.000Z,,"Water,Early reader",Free\n'
        "2,bo@example.org,Bo,,false,true,cus_1,2024-01-15T10:00:00.000Z,,,\n"
        "3,cy@example.org,Cy,,,,,2024-01-15T10:00:00.000Z,,,\n"
        "4,di@example.org,Di,,true,,,2024-01-15T10:00:00.000Z,2025-01-15T10:00:00.000Z,,\n"
    )
    assert roster(text).format.name == "ghost"
    ada, _, _, di = rows(text)
    assert ada == Row(2, "ada@example.org", tags=("Water", "Early reader"), consent_at=at("2024-01-15T10:00"))
    assert isinstance(di, Row)
    assert di.left_at == at("2025-01-15T10:00")
    assert list(standings(text).values()) == [Standing.SUBSCRIBED, *[Standing.UNSUBSCRIBED] * 3]


# ── ours, and anybody's ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "header",
    [
        "address,state",
        "STATE ;E-Mail",
        "Status\tEmail Address",
        "name,E-mail,status,Shoe size",
        '" MAIL ","State"',
    ],
)
def test_names_of_columns_are_known_in_any_order_case_and_spelling(header: str) -> None:
    """Columns of others say nothing, and are named."""
    separator = next(each for each in ";\t," if each in header)
    names = header.split(separator)
    cells = {"state": "Unsubscribed", "status": "Unsubscribed"}
    line = separator.join(
        cells.get(
            name.strip().strip('" ').lower(),
            "ada@example.org" if "mail" in name.lower() or name == "address" else "x",
        )
        for name in names
    )
    found = roster(f"{header}\n{line}\n")
    assert [row.standing for row in found.rows if isinstance(row, Row)] == [Standing.UNSUBSCRIBED]
    assert found.ignored == (("name", "Shoe size") if "Shoe" in header else ())


def test_a_list_of_bare_addresses_needs_no_header() -> None:
    """One a line; its file's name still says who they are."""
    text = "ada@example.org\nbo@example.org\n"
    assert standings(text) == dict.fromkeys(["ada@example.org", "bo@example.org"], Standing.SUBSCRIBED)
    assert set(standings(text, "suppressed.csv").values()) == {Standing.SUPPRESSED}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nobody,", "'nobody' is no address"),
        (",", None),
        (" ,subscribed", "there is no address in it"),
        ("ada@example.org,waiting", "'waiting' is no state of a subscription"),
        ("ada@example.org,,yesterday", "'yesterday' is no date like 2026-11-22 or 2026-11-22T08:00:00Z"),
        ("ada@example.org,,0001-01-01T00:00:00+14:00", "'0001-01-01T00:00:00+14:00' is no date"),
        ("ada@example.org,,,extra", "4 cells where the first line has 3"),
        ('"ada@example.org\r\nBcc: all@example.org",', "is no address"),
        ('"a\0b@example.org",', "is no address"),
        ("ada@example.org,bo@example.org", "'bo@example.org' is no state of a subscription"),
    ],
)
def test_what_is_left_out_has_its_line_and_its_reason(line: str, why: str | None) -> None:
    """One bad row costs one row; an empty one costs nothing."""
    found = rows(f"address,state,consent_at\n{line}\nbo@example.org,,\n")
    assert isinstance(found[-1], Row)
    refused = [each for each in found if isinstance(each, Unread)]
    assert [each.line for each in refused] == ([2] if why else [])
    assert all(why in each.why for each in refused if why)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "name,city\nAda,Hollin\n",
            r"line 1 names no column of addresses: expected 'emailaddress'.* got 'name', 'city'",
        ),
        ("\n\n,,\n;", "names no column"),
        ('"a" b\n', "none of its lines can be read|names no column"),
    ],
)
def test_a_file_without_addresses_is_refused(text: str, said: str) -> None:
    """With what was expected and what is there."""
    with pytest.raises(ParseError, match=said):
        roster(text)


def test_a_format_can_be_said_where_a_header_does_not_tell_it() -> None:
    """A list of Ghost's with half of its columns."""
    text = 'email,labels,created_at\nada@example.org,"Water",2024-01-15T10:00:00.000Z\n'
    assert roster(text).format.name == "csv"
    assert roster(text, format_name="ghost").format.name == "ghost"


# ── addresses and times ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org",
        "Ada.Lorne+news@mail.example.co.uk",
        "o'brien@example.org",
        "=1+2@example.org",
        "jörg@example.org",
        "ada@bücher.example",
        "用户@例子.广告",
        "ada@hollin.test",
        f"{'x' * 64}@example.org",
    ],
)
def test_addresses_of_people_are_taken(address: str) -> None:
    """Also those that need SMTPUTF8, and odd ones that are valid."""
    assert fault(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@example.org",
        "ada@example.org\nBcc: all@example.org",
        "a@b@c",
        "ada..lorne@example.org",
        ".ada@example.org",
        "ada@-example.org",
        "ada@example..org",
        "ada@example",
        "ada@[127.0.0.1]",
        "Ada <ada@example.org>",
        "ada@example.org, bo@example.org",
        "x" * 250 + "@e.org",
        "x" * 65 + "@example.org",
        "ada\u202e@example.org",
        "ada@exa mple.org",
        "<ada@example.org>",
    ],
)
def test_what_is_no_address_of_one_mailbox_is_not(address: str) -> None:
    """With the text itself in the reason, cut where it is long."""
    assert fault(address)
    assert len(fault(address)) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("0000-00-00 00:00:00", None),
        ("2026-11-22", at("2026-11-22")),
        ("2026-11-22 08:00", at("2026-11-22T08:00")),
        (" 2026-11-22T08:00:00Z ", at("2026-11-22T08:00")),
        ("2026-11-22T08:00:00.123+02:00", at("2026-11-22T06:00:00.123")),
        ("2026-11-22 08:00:00.123456789 -0330 NST", at("2026-11-22T11:30:00")),
        ("2026-11-22 08:00:00 +0530 +0530", at("2026-11-22T02:30:00")),
    ],
)
def test_times_are_read_as_programs_write_them(text: str, expected: datetime | None) -> None:
    """In UTC; without a zone they are taken as such."""
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text", ["yesterday", "11/22/2026", "22.11.2026", "2026-13-01", "9999-12-31T23:59:59-14:00", "1" * 500]
)
def test_times_that_could_mean_two_days_are_refused(text: str) -> None:
    """Day and month are never guessed."""
    with pytest.raises(ValueError):  # its text is the cell
        moment(text)


def test_a_source_of_consent_is_one_line() -> None:
    """Whatever stood in the cell: it is printed on terminals and pages."""
    assert one_line("a fair\r\nBcc: x\x1b[31m\u202e") == "a fair Bcc: x [31m"
    assert len(one_line("x" * 1000)) == 300
