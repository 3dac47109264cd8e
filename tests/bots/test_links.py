"""Reading the ways people write a channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.links import ChannelLink, Form, post_link, read_channel_link, start_link

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{3,31}", fullmatch=True)
INVITES = st.from_regex(r"[A-Za-z0-9_-]{10,64}", fullmatch=True)
INTERNAL = st.integers(1, 997_852_516_352)  # the range of channel ids (core.telegram.org/api/bots/ids)
MESSAGES = st.integers(1, 2**31)
BASES = st.sampled_from(["https://t.me", "http://t.me", "t.me", "T.me", "telegram.me", "https://telegram.me"])
NAME_FORMS = [
    "{name}", "@{name}", "  @{name}\n", "https://t.me/{name}", "http://t.me/{name}", "HTTPS://T.ME/{name}",
    "t.me/{name}", "t.me/{name}/", "telegram.me/{name}", "www.t.me/{name}", "t.me/s/{name}",
    "https://t.me/s/{name}?before=100", "t.me/{name}/123", "t.me/{name}/123/456", "t.me/{name}?boost",
    "t.me/{name}#fragment", "tg://resolve?domain={name}", "TG://resolve?domain={name}&post=5",
]  # fmt: skip
INVITE_FORMS = ["https://t.me/+{secret}", "t.me/joinchat/{secret}", "telegram.me/joinchat/{secret}",
                "tg://join?invite={secret}", "t.me/+{secret}?x=1"]  # fmt: skip
UNREADABLE = [
    "", " ", "@", "@@durov", "abc", "1durov", "durov!", "дуров", "d" * 33, "https://", "https://t.me", "t.me/",
    "t.me/s/", "t.me/s/durov/x", "t.me/c/", "t.me/c/abc/1", "t.me/c/٣٣٣٣٣٣٣٣٣٣/1", "t.me/share/url",
    "t.me/addstickers/Animals", "t.me/+short", "t.me/joinchat/a b c d e f", "https://example.com/durov",
    "https://t.me.example.com/durov", "ftp://t.me/durov", "tg://", "tg://[", "tg://resolve", "tg://join",
    "tg://settings?domain=durov", "100123", "-5", "-100", "-100١٢٣٤٥٦٧٨٩٠", "-1e12", "\0", "\ud800durov",
]  # fmt: skip


@pytest.mark.parametrize("form", NAME_FORMS)
def test_every_form_of_a_name_is_read(form: str) -> None:
    link = read_channel_link(form.format(name="durov_1"))
    assert link == ChannelLink(Form.USERNAME, "durov_1")
    assert link.chat == "@durov_1"


@pytest.mark.parametrize("form", INVITE_FORMS)
def test_every_form_of_an_invite_link_is_read_and_leads_to_no_chat(form: str) -> None:
    link = read_channel_link(form.format(secret="AAAAAE-x_1234567"))
    assert link == ChannelLink(Form.INVITE, "AAAAAE-x_1234567")
    assert link.chat is None


@pytest.mark.parametrize("form", ["-1001234567890", " -1001234567890 ", "t.me/c/1234567890/7",
                                  "https://t.me/c/1234567890", "t.me/c/1234567890/7/8"])  # fmt: skip
def test_every_form_of_an_id_is_read(form: str) -> None:
    link = read_channel_link(form)
    assert link == ChannelLink(Form.ID, "-1001234567890")
    assert link.chat == -1001234567890


@pytest.mark.parametrize("typed", UNREADABLE)
def test_what_is_no_channel_is_not_guessed(typed: str) -> None:
    assert read_channel_link(typed) is None


@given(st.text() | st.builds(str.__add__, st.sampled_from(["tg://", "t.me/", "https://t.me/c/"]), st.text()))
def test_nothing_anybody_types_breaks_it(typed: str) -> None:
    link = read_channel_link(typed)
    assert link is None or isinstance(link.chat, str | int) or link.form is Form.INVITE


@given(BASES, NAMES, MESSAGES)
def test_a_name_survives_its_link(base: str, name: str, message: int) -> None:
    for typed in (f"@{name}", f"{base}/{name}", f"{base}/s/{name}", post_link(base, name, -1, message)):
        assert read_channel_link(typed) == ChannelLink(Form.USERNAME, name)


@given(BASES, INTERNAL, MESSAGES)
def test_an_id_survives_its_link(base: str, internal: int, message: int) -> None:
    channel_id = -1_000_000_000_000 - internal
    for typed in (str(channel_id), post_link(base, "", channel_id, message)):
        link = read_channel_link(typed)
        assert link is not None
        assert link.chat == channel_id


@given(BASES, INVITES)
def test_an_invite_link_survives(base: str, secret: str) -> None:
    for typed in (f"{base}/+{secret}", f"{base}/joinchat/{secret}", f"tg://join?invite={secret}"):
        assert read_channel_link(typed) == ChannelLink(Form.INVITE, secret)


def test_a_start_link_opens_the_bot() -> None:
    assert start_link("https://t.me", "a_bot", "giveaway_7") == "https://t.me/a_bot?start=giveaway_7"
