"""`python -m sandbox.stage`: sets a first scene into a running platform, over HTTP, as its owner would.

A channel with people, a bot that may post there, and a giveaway that runs. What is there already is left as it
is; what one side lost (the sandbox or the database) is made again.
"""

import logging
import sys

from sandbox.client import JSON, Api, ClientError, Control, Refused, api_url, control_url

OWNER = ("demo", "demo-password-1")
BOT = ("demo_giveaway_bot", "Sunny Coffee Giveaways")
CHANNEL = ("Sunny Coffee", "sunny_coffee", "Beans, brewing and a little luck. Roasted on Fridays.")
FOUNDER = ("Marina", "marina_roasts")
SUBSCRIBERS = (("Anton", "anton_filter"), ("Lena", "lena_latte"), ("Timur", "timur_ristretto"))
STRANGERS = (("Sofia", "sofia_tea"), ("Max", "max_matcha"))
WELCOME = "☀️ Good morning! The first roast of the week is out: Ethiopia, washed, with a note of apricot."
GIVEAWAY: JSON = {
    "title": "A month of coffee",
    "main_body": "Three of you drink our coffee for a whole month, beans or ground, brought to your door.\n\n"
    "Press the button, answer one question, and you are in.",
    "winner_count": 3,
    "winner_message": "🎉 You won a month of coffee! Marina will write to you about beans and your address.",
    "loser_message": "Not this time. Show this message at the bar on Friday: the first espresso is on us.",
    "public_conclusion_message": "Thank you all! The winners have a message from the bot.",
}
log = logging.getLogger("sandbox.stage")


def set_stage(api: Api, control: Control) -> str:
    """Returns one sentence about what stands there now. Raises ClientError."""
    account_id = api.account_id()
    channel_id = channel(control)
    bot = control.bot_named(BOT[0]) or control.make_bot(*BOT)
    bot_id = connected(api, bot)
    if not is_bound(api, channel_id, bot_id):
        control.promote(channel_id, bot["id"])
        api.bind_channel(channel_id, bot_id)
    live = live_giveaway(api, account_id)
    if live and is_lost(control, live):
        api.post(f"/api/giveaways/{live['id']}/cancel")
        live = None
    if live:
        return f"Giveaway “{live['title']}” is {live['status']}."
    giveaway = api.create_giveaway(channel_id=channel_id, **GIVEAWAY)
    return f"Giveaway “{api.publish(giveaway['id'])['title']}” was published."


def channel(control: Control) -> int:
    """The channel, with its people."""
    title, username, description = CHANNEL
    found = next((one for one in control.channels() if one["username"] == username), None)
    if found:
        return int(found["id"])
    founder = person(control, *FOUNDER)
    subscribers = [person(control, *who) for who in SUBSCRIBERS]
    for who in STRANGERS:
        person(control, *who)
    channel_id = control.make_channel(title, username, founder, description)
    for subscriber in subscribers:
        control.join(channel_id, subscriber)
    control.post(f"/sandbox/channels/{channel_id}/posts", {"text": WELCOME})
    return channel_id


def person(control: Control, first_name: str, username: str) -> int:
    return control.person_named(username) or control.make_person(first_name, username)


def connected(api: Api, bot: JSON) -> int:
    """The number the platform knows the bot by; it is connected when it is not, or no longer, known.

    Bots of this name that a former sandbox had are let go: their token is dead, and they would still be asked to
    serve the channel.
    """
    known = api.get(f"/bots/?username={bot['username']}&page_size=100")["results"]
    for row in known:
        if row["telegram_id"] != bot["id"] and row["status"] != "deactivated":
            api.delete(f"/bots/{row['id']}")
    numbers = [row["id"] for row in known if row["telegram_id"] == bot["id"] and row["status"] == "active"]
    return int(numbers[0]) if numbers else api.connect_bot(bot["token"])


def is_bound(api: Api, channel_id: int, bot_id: int) -> bool:
    try:
        bound = api.get(f"/channels/{channel_id}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return False
    return bool(bound["status"] == "active" and bound["bot_id"] == bot_id)


def live_giveaway(api: Api, account_id: int) -> JSON | None:
    try:
        found: JSON = api.get(f"/api/giveaways/active/{account_id}")["giveaway"]
    except Refused as refused:
        if refused.code != "GIVEAWAY_NOT_FOUND":
            raise
        return None
    return found


def is_lost(control: Control, giveaway: JSON) -> bool:
    """Whether the sandbox no longer has the post, or the channel, that the platform remembers.

    So is this scene's own giveaway when its publication failed: the bot it was written for may be gone.
    """
    if giveaway["status"] == "finishing":  # too late to call off, and it ends by itself
        return False
    if giveaway["status"] == "publish_failed" and giveaway["title"] == GIVEAWAY["title"]:
        return True
    if giveaway["channel_id"] not in {one["id"] for one in control.channels()}:
        return True
    if giveaway["message_id"] is None:
        return False
    posts = {post["message_id"]: post for post in control.posts(giveaway["channel_id"])}
    post = posts.get(giveaway["message_id"], {})
    return giveaway["opening_sha256"] not in (post.get("text") or post.get("caption") or "")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        log.info(set_stage(Api(api_url(), *OWNER), Control(control_url())))
    except ClientError as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
