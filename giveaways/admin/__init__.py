"""The back office of giveaways: written and moved only through the services, each move after a confirmation."""

from giveaways.admin.giveaway import GiveawayAdmin
from giveaways.admin.post import PostAdmin
from giveaways.admin.template import RepetitionAdmin, TemplateAdmin

__all__ = ["GiveawayAdmin", "PostAdmin", "RepetitionAdmin", "TemplateAdmin"]
