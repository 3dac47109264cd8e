"""What of giveaways keeps a bot in a channel: asked when the channel is to be moved to another bot."""

from django.db.models import Q

from bots.models import Binding
from giveaways import texts
from giveaways.models import RUNNING, Giveaway, Post

OPEN_POSTS = Q(
    posts__kind__in=[kind for kind in Post.Kind if kind != Post.Kind.ANNOUNCEMENT],
    posts__status__in=(Post.Status.WAITING, Post.Status.SENDING),
)


def reason_to_stay(binding: Binding) -> str:
    """Why the bot of this binding, which the caller has locked, cannot leave the channel; empty when it can.

    A giveaway that runs carries it in its button, and the bot that asks who is subscribed serves every channel the
    giveaway requires; a conclusion or a closing edit that waits has to come from the bot that posted the giveaway.
    """
    # By bot and channel, not by row: a channel that was unbound and added again has a new one.
    bot, channel = binding.bot_id, binding.channel_id
    own = Q(binding__bot=bot, binding__channel=channel)
    required = Q(required_bindings__bot=bot, required_bindings__channel=channel)
    running = Q(status__in=RUNNING) & (own | required)
    posting = (own | Q(results_binding__bot=bot, results_binding__channel=channel)) & OPEN_POSTS
    found = Giveaway.objects.filter(running | posting).select_related("account").first()
    if found is None:
        return ""
    language = found.account.language
    return texts.GIVEAWAY_STAYS.plain(language, title=found.title, bot=binding.bot.username)
