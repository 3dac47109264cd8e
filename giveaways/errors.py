"""The refusals of the giveaways app."""

from config.errors import DomainError


class IllegalMove(DomainError):
    code = "ILLEGAL_MOVE"
    message = "A giveaway that is {before} cannot become {after}."


class SingleActiveLimitExceeded(DomainError):
    code = "SINGLE_ACTIVE_LIMIT_EXCEEDED"
    message = "Giveaway {giveaway_id} is still running. Finish or cancel it before starting another."


class GiveawayNotFound(DomainError):
    code = "GIVEAWAY_NOT_FOUND"
    status = 404
    message = "There is no such giveaway."


class CannotPublish(DomainError):
    code = "CANNOT_PUBLISH"
    message = "This giveaway is {status} and cannot be published."


class EndHasPassed(CannotPublish):
    message = "The end that would be promised has passed. Change ends_at first."


class EndBeforeStart(DomainError):
    code = "END_BEFORE_START"
    status = 400
    message = "It would end before it starts. Change starts_at or ends_at."


class ChannelNotConfigured(DomainError):
    code = "CHANNEL_NOT_CONFIGURED"
    message = "Choose a channel first: connect one at /channels/ and set channel_id."


class BotNotWorking(DomainError):
    code = "BOT_NOT_WORKING"
    message = "{bot} does not work: {reason}. Give it a working token at /bots/, or choose another bot."


class ChannelNotVerified(DomainError):
    code = "CHANNEL_NOT_VERIFIED"
    message = "{bot} may not post in {channel} yet. Make it an administrator with the right to post messages."


class CannotFinish(DomainError):
    code = "CANNOT_FINISH"
    message = "This giveaway is {status}; only a running one can be finished."


class CannotCancel(DomainError):
    code = "CANNOT_CANCEL"
    message = "This giveaway is {status} and cannot be cancelled any more."


class CannotUpdate(DomainError):
    code = "CANNOT_UPDATE"
    message = "This giveaway is {status}: {fields} cannot be changed now. GET it: may_change lists what can."


class EndOutOfBounds(CannotUpdate):
    message = (
        "The end may move to between {earliest} and {latest}: the post has to say so before it comes, and people "
        "who are in shall not wait for ever. To end at once, finish the giveaway."
    )


class EndIsPromised(CannotUpdate):
    message = "An end that was promised can be moved, not taken away."


class PlacesOnlyGrow(CannotUpdate):
    message = "People were told of {before}. max_participants can only be raised while the giveaway runs."


class CannotUpdateFinishMessages(DomainError):
    code = "CANNOT_UPDATE_FINISH_MESSAGES"
    message = "This giveaway is {status}: its final messages cannot be changed any more."


class CannotSendAgain(DomainError):
    code = "CANNOT_SEND_AGAIN"
    message = "This post is {status}: only a failed or uncertain conclusion can be sent again."


class BeaconNotAvailable(DomainError):
    code = "BEACON_NOT_AVAILABLE"
    status = 400
    message = (
        "Public draws are not set up here: drand's signatures cannot be checked. "
        "Use beacon none, or ask the operator to install requirements-drand.txt."
    )


class TemplateNameTaken(DomainError):
    code = "TEMPLATE_NAME_TAKEN"
    message = "There is a template named {name} already. Choose another name."


class TemplateNotFound(DomainError):
    code = "TEMPLATE_NOT_FOUND"
    status = 404
    message = "There is no such template."


class NeverAgain(DomainError):
    code = "NEVER_AGAIN"
    status = 400
    message = "Nothing would begin before `until`. Move it, or leave it out."


class PostTooLong(DomainError):
    code = "POST_TOO_LONG"
    status = 400
    message = "The post would have {length} characters; Telegram takes {most}. Shorten the text by {excess}."


class PublicationFailed(DomainError):
    code = "PUBLISH_FAILED"
    message = "Telegram did not take the post ({reason}). Repair it and publish again."
