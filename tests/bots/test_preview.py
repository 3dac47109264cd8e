"""Preview pages as Telegram's captures of two years and the sandbox show them, and as they must not be believed."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.preview import Post, Preview, PreviewChanged, PreviewUnavailable, Views, read_preview, read_views
from sandbox.control.preview import abbreviated
from sandbox.server import running_sandbox

CAPTURES = Path(__file__).parent.parent / "data" / "tme"
OF_2026 = (CAPTURES / "durov_before20_trimmed_2026.html").read_text()
FRAGMENTS_OF_2023 = (CAPTURES / "tchan_real_messages_2023.html").read_text()
INFO = (
    '<div class="tgme_channel_info"><div class="tgme_channel_info_header_title"><span>News</span></div>'
    '<div class="tgme_channel_info_header_username"><a href="https://t.me/news">@news</a></div>'
    '<div class="tgme_channel_info_counter"><span class="counter_value">1</span> '
    '<span class="counter_type">subscriber</span></div></div>'
)
NO_POSTS = (
    '<div class="tgme_widget_message_centered"><div class="tme_no_messages_found">No posts found</div></div>'
)


def page_of(filling: str, info: str = INFO) -> str:
    """A whole page around posts, in the frame of 2026."""
    return (
        f'<!DOCTYPE html><html><head><link rel="canonical" href="/s/news?before=99"></head><body>{info}'
        '<main class="tgme_main" data-url="/news"><section class="tgme_channel_history js-message_history">'
        f"{filling}</section></main></body></html>"
    )


def block(post_id: int = 5, views: str = "97", body: str = "", meta: str = "") -> str:
    shown = f'<span class="tgme_widget_message_views">{views}</span><span class="copyonly"> views</span>'
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message '
        f'user-color-3 js-widget_message" data-post="news/{post_id}">{body}'
        f'<div class="tgme_widget_message_footer">{shown if views else ""}'
        f'<span class="tgme_widget_message_meta">{meta}<a class="tgme_widget_message_date" href="#">'
        '<time datetime="2026-07-04T10:00:00+00:00" class="time">10:00</time></a></span></div></div></div>'
    )


PAGE_OF_2023 = page_of(FRAGMENTS_OF_2023)


def read_one(**about: Any) -> Post:
    (post,) = read_preview(page_of(block(**about))).posts
    return post


# --- The captures ---


def test_the_capture_of_2026_is_read_to_the_last_digit() -> None:
    preview = read_preview(OF_2026)
    assert (preview.title, preview.username) == ("Pavel Durov", "durov")
    assert preview.subscribers == Views(11_900_000, 50_000)
    assert [(post.channel, post.id) for post in preview.posts] == [
        ("durov", 11),
        ("durov", 16),
        ("contest", 438),
    ]
    assert preview.posts[1] == Post(
        channel="durov",
        id=16,
        published_at=datetime(2015, 10, 28, 18, 52, 40, tzinfo=UTC),
        views=Views(1_020_000, 5_000),
        edited=False,
        is_service=False,
        album=(),
    )
    assert preview.posts[2].views == Views(187_000, 500)
    assert [post.edited for post in preview.posts] == [False, False, True]
    assert preview.older is None  # the page has only a link to newer posts


def test_the_capture_of_2023_has_every_kind_of_post() -> None:
    posts = read_preview(PAGE_OF_2023).posts
    by_id = {post.id: post for post in posts}
    assert len(posts) == len(by_id) == FRAGMENTS_OF_2023.count("data-post=") == 30
    assert [post.id for post in posts][:6] == [1, 92, 84, 82, 2, 3]
    assert {post.id for post in posts if post.is_service} == {1, 2, 3, 92}
    assert {post.id for post in posts if post.views is None} == {1, 2, 3, 92}
    assert {post.id for post in posts if post.edited} == {5, 24, 7334}
    assert {post.id: post.album for post in posts if post.album} == {84: (84, 85, 86, 87), 14: (14, 15)}


def test_views_of_2023_have_one_decimal() -> None:
    by_id = {post.id: post for post in read_preview(PAGE_OF_2023).posts}
    assert by_id[7334].views == Views(1_200, 50)
    assert by_id[5343].views == Views(436_600, 50)
    assert by_id[82].views == Views(3_100_000, 50_000)
    assert by_id[94].views == Views(1, 0)  # "1 view", not "views"
    assert by_id[11].views == Views(2, 0)  # a quiz counts its voters first
    assert by_id[5343].published_at == datetime(2023, 1, 30, 23, 30, 40, tzinfo=UTC)


# --- Numbers ---


@pytest.mark.parametrize(
    ("text", "number", "precision"),
    [
        ("0", 0, 0),
        ("842", 842, 0),
        ("2.6K", 2_600, 50),
        ("6.21K", 6_210, 5),
        ("27.4K", 27_400, 50),
        ("187K", 187_000, 500),
        ("1.02M", 1_020_000, 5_000),
        ("1.23M", 1_230_000, 5_000),
        ("11.9M", 11_900_000, 50_000),
        ("436.6K", 436_600, 50),
        (" 3,1\xa0M ", 3_100_000, 50_000),
        ("11\xa0110\xa0268", 11_110_268, 0),
        ("1,234", 1_234, 0),
    ],
)
def test_a_number_is_read_with_its_precision(text: str, number: int, precision: int) -> None:
    assert read_views(text) == Views(number, precision)


@pytest.mark.parametrize(
    "text",
    ["", "K", ".", "1.2.3", "1.K", ".5K", "1,23", "1.234K", "2B", "1.2k", "-1", "٣", "views", "9" * 5_000],
)
def test_a_number_in_an_unknown_form_is_no_number(text: str) -> None:
    with pytest.raises(PreviewChanged):
        read_views(text)


def rounded(count: int, digits: Callable[[int], int]) -> str:
    """The count as K or M, rounded to `digits(whole part)` decimals, without trailing zeros."""
    for size, suffix in ((1_000_000, "M"), (1_000, "K")):
        if count >= size:
            text = f"{round(Decimal(count) / size, digits(count // size)):f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + suffix
    return str(count)


@given(st.integers(0, 10**9))
def test_the_truth_lies_within_the_precision_of_what_is_shown(count: int) -> None:
    for text in (rounded(count, lambda whole: max(0, 3 - len(str(whole)))), rounded(count, lambda _: 1)):
        views = read_views(text)
        assert abs(views.number - count) <= views.precision
        assert views.precision == 0 or count >= 1_000


@given(st.integers(0, 10**9), st.sampled_from(["2026", "2023"]))
def test_a_telegram_that_cuts_is_off_by_at_most_twice_the_precision(count: int, profile: str) -> None:
    views = read_views(abbreviated(count, profile))
    assert 0 <= count - views.number <= 2 * views.precision


# --- Traps ---


def test_only_the_footer_speaks_of_the_post() -> None:
    quote = (
        '<a class="tgme_widget_message_reply" href="https://t.me/news/1"><span class="tgme_widget_message_views">'
        '9M</span><div class="tgme_widget_message_text">tme_no_messages_found edited</div></a>'
        '<time class="message_video_duration" datetime="1999-01-01T00:00:00+00:00">0:27</time>'
    )
    post = read_one(body=quote)
    assert (post.views, post.published_at.year, post.edited) == (Views(97, 0), 2026, False)


def test_a_signature_that_says_edited_is_not_an_edit() -> None:
    signature = '<span class="tgme_widget_message_from_author">edited</span>,&nbsp;'
    assert not read_one(meta=signature).edited
    assert read_one(meta=signature + "<br>edited &nbsp;").edited


def test_a_post_without_views_has_none_and_not_zero() -> None:
    assert read_one(views="").views is None
    assert read_one(views="0").views == Views(0, 0)


def test_subscribers_not_shown_are_unknown() -> None:
    assert read_preview(page_of("", INFO.replace("subscriber", "photo"))).subscribers is None
    assert read_preview(page_of("")).subscribers == Views(1, 0)


@pytest.mark.parametrize(
    "filling", ["", " \n ", NO_POSTS, f'<div class="tgme_widget_message_wrap">{NO_POSTS}</div>']
)
def test_an_empty_channel_is_a_preview_without_posts(filling: str) -> None:
    assert read_preview(page_of(filling)) == Preview("News", "news", Views(1, 0), (), None)


@pytest.mark.parametrize(
    ("link", "older"),
    [
        ('<a class="tme_messages_more js-messages_more" data-before="523"></a>', 523),
        ('<a class="tme_messages_more js-messages_more" data-after="523"></a>', None),
        (
            '<a class="tme_messages_more" data-before="5"></a><a class="tme_messages_more" data-after="9"></a>',
            5,
        ),
        ('<link rel="prev" href="/s/news?q=a&amp;before=41">', 41),
        ('<link rel="prev" href="/s/news?before=0">', None),
        ('<a class="tme_messages_more" data-before=""></a>', None),
        ("", None),
    ],
)
def test_the_way_back_is_never_the_pages_own_address(link: str, older: int | None) -> None:
    assert read_preview(page_of(link + block() if "<a" in link else block(), link + INFO)).older == older


# --- Not a preview ---


@pytest.mark.parametrize(
    "html",
    [
        "",
        "Too many requests",
        '<html><body class="no_transition"><div class="tgme_page"><div class="tgme_page_title">News</div></div></body>',
        INFO,
    ],
)
def test_a_page_without_a_preview_is_unavailable(html: str) -> None:
    with pytest.raises(PreviewUnavailable) as refusal:
        read_preview(html)
    assert refusal.type is PreviewUnavailable


BLOCK = block()
CHANGED = {
    "no id": BLOCK.replace("data-post", "data-id"),
    "an id that is none": BLOCK.replace("news/5", "news/five"),
    "an id of an album": BLOCK.replace("news/5", "news/5g"),
    "no date": BLOCK.replace("datetime=", "data-time="),
    "a date that is none": BLOCK.replace("2026-07-04T", "yesterday "),
    "a date without a zone": BLOCK.replace("+00:00", ""),
    "no link to the post": BLOCK.replace("tgme_widget_message_date", "date"),
    "no footer": BLOCK.replace("tgme_widget_message_footer", "footer"),
    "views in words": block(views="many"),
    "views not there yet": block(views=" "),
    "views renamed": (block(1) + block(2)).replace("message_views", "message_seen"),
    "one post renamed": block(1) + block(2).replace('"tgme_widget_message ', '"tgme_post '),
    "all posts renamed": BLOCK.replace("tgme_widget", "tgw"),
    "words instead of posts": "Something went wrong",
    "a post in a post": block(1, body=block(2)),
    "a post twice": block(1) + block(1),
    "a broken way back": '<a class="tme_messages_more" data-before="now"></a>' + BLOCK,
}


@pytest.mark.parametrize("filling", CHANGED.values(), ids=CHANGED)
def test_changed_markup_is_an_alarm_and_not_a_silence(filling: str) -> None:
    with pytest.raises(PreviewChanged):
        read_preview(page_of(filling))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tgme_channel_info_header_title", "title"),
        ("@news", ""),
        ('"counter_value">1<', '"counter_value">a few<'),
        ("tgme_channel_info", "tgme_about"),
    ],
)
def test_a_channel_that_cannot_be_named_is_changed_markup(before: str, after: str) -> None:
    with pytest.raises(PreviewChanged):
        read_preview(page_of(BLOCK, INFO.replace(before, after)))


WHOLE_OF_2023 = read_preview(PAGE_OF_2023)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PAGE_OF_2023)))
def test_a_page_cut_short_is_never_a_shorter_page(length: int) -> None:
    try:
        preview = read_preview(PAGE_OF_2023[:length])
    except PreviewUnavailable:
        return
    assert preview == WHOLE_OF_2023


PIECES = [
    *(
        "<![x",
        "<![CDATA[",
        "<!--",
        "<!",
        "<?",
        "</",
        "<a <",
        "</div>",
        "</section>",
        "<br/>",
        "&#99999999;",
        "\0",
    ),
    *(
        INFO,
        BLOCK,
        NO_POSTS,
        '<section class="tgme_channel_history">',
        "<script>",
        '<div class="tgme_widget_message">',
    ),
    *(
        '<div class="tgme_widget_message" data-post="a/9">',
        '<i class="tgme_widget_message_footer">',
        "<p class data-post>",
    ),
    *(
        '<b class="tgme_widget_message_date">',
        '<time datetime="0001-01-01T00:00:00+23:59">',
        "\ud800",
        "</time>",
    ),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25).map("".join))
def test_garbage_is_refused_in_one_of_two_ways(html: str) -> None:
    for page in (html, page_of(html)):
        try:
            preview = read_preview(page)
        except PreviewUnavailable:
            continue
        assert all(post.id > 0 and post.published_at.tzinfo for post in preview.posts)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(OF_2026)), st.integers(0, 200), st.sampled_from(PIECES) | st.text(max_size=8))
def test_a_damaged_capture_is_read_or_refused(at: int, lost: int, found: str) -> None:
    with suppress(PreviewUnavailable):
        read_preview(OF_2026[:at] + found + OF_2026[at + lost :])


def test_depth_and_strays_cost_neither_the_stack_nor_the_hour() -> None:
    assert len(read_preview(page_of(block(body="<b>" * 50_000 + "</i>" * 50_000))).posts) == 1


# --- The sandbox ---


class Channel:
    """A public channel in the sandbox, its 25 posts written by a bot."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.name = f"news{secrets.token_hex(4)}"
        self.bot = self.ask("POST", "/bots", username=f"{self.name}_bot", first_name="Bot")
        owner = self.ask("POST", "/people", first_name="Ann")["id"]
        made = self.ask("POST", "/channels", title="News & <more>", owner_id=owner, username=self.name)
        self.ask("PUT", f"/channels/{made['id']}/administrators/{self.bot['id']}")

    def ask(self, verb: str, path: str, **body: Any) -> Any:
        response = self.http.request(verb, f"/sandbox{path}", json=body)
        assert response.is_success, response.text
        return response.json()

    def call(self, method: str, **parameters: Any) -> None:
        response = self.http.post(
            f"/bot{self.bot['token']}/{method}", json={"chat_id": f"@{self.name}", **parameters}
        )
        assert response.is_success, response.text

    def page(self, query: str = "") -> Preview:
        return read_preview(self.http.get(f"/s/{self.name}{query}").text)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[httpx.Client]:
    """A sandbox of its own: how its pages are dressed is nobody else's business."""
    with running_sandbox() as url, httpx.Client(base_url=url, timeout=30) as http:
        yield http


@pytest.fixture
def channel(sandbox: httpx.Client) -> Channel:
    made = Channel(sandbox)
    made.ask("PUT", "/preview", profile="2026")
    return made


@pytest.fixture
def busy(channel: Channel) -> Channel:
    for number in range(25):
        channel.call("sendMessage", text=f"<b>post</b> {number}\nedited", parse_mode="HTML")
    return channel


@pytest.mark.parametrize(
    ("profile", "shown"), [("2026", Views(1_230_000, 5_000)), ("2023", Views(1_200_000, 50_000))]
)
def test_the_sandboxs_pages_are_read_in_the_dress_of_either_year(
    busy: Channel, profile: str, shown: Views
) -> None:
    busy.ask("PUT", "/preview", profile=profile)
    busy.ask("POST", f"/channels/{busy.name}/views", post_id=25, count=1_234_567)
    busy.call("editMessageText", message_id=24, text="changed")
    preview = busy.page()
    assert (preview.title, preview.username) == ("News & <more>", busy.name)
    assert preview.subscribers is not None
    assert [post.id for post in preview.posts] == list(range(6, 26))
    assert preview.posts[-1].views == shown
    assert [post.id for post in preview.posts if post.edited] == [24]
    assert abs((datetime.now(UTC) - preview.posts[-1].published_at).total_seconds()) < 300


def test_paging_back_ends_at_the_first_post(busy: Channel) -> None:
    newest = busy.page()
    assert newest.older == 6
    oldest = busy.page(f"?before={newest.older}")
    assert [post.id for post in oldest.posts] == [1, 2, 3, 4, 5]
    assert oldest.older is None
    assert busy.page("?before=1").posts == ()


def test_the_sandboxs_empty_channel_has_no_posts(channel: Channel) -> None:
    assert channel.page().posts == ()


def test_the_sandboxs_changed_page_is_an_alarm(busy: Channel) -> None:
    busy.ask("PUT", "/preview", profile="changed")
    with pytest.raises(PreviewChanged):
        busy.page()


def test_the_sandboxs_redirect_is_no_preview(sandbox: httpx.Client) -> None:
    answer = sandbox.get("/s/nobody_at_all")
    assert answer.status_code == 302
    with pytest.raises(PreviewUnavailable):
        read_preview(answer.text)
