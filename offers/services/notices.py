"""Rules about telling people: what is to be said is a row, written with the change it tells of."""

from offers.models import Notice, Subscription, Transaction


def announce(
    *, kind: Notice.Kind, subscription: Subscription, about: str, transaction: Transaction | None = None
) -> None:
    """One notice for each channel the subscription's person can be reached by; telling it again adds none.

    `about` is what the notice is about, such as a transaction's public id or the expiry that comes near: together
    with the kind, the channel and the person it is said once.
    """
    user = subscription.user
    if user is None or not user.is_active:
        return
    reachable = {Notice.Channel.EMAIL: user.email, Notice.Channel.SMS: user.phone}
    Notice.objects.bulk_create(
        (
            Notice(
                account_id=subscription.account_id,
                user=user,
                subscription=subscription,
                transaction=transaction,
                kind=kind,
                channel=channel,
                about=about,
            )
            for channel, address in reachable.items()
            if address
        ),
        ignore_conflicts=True,
    )
