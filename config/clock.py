"""What the clock does: every periodic task with its default pace."""

# Written to the database once; afterwards an operator changes them in the admin. Losing a nudge costs
# at most this many seconds, because every one of these tasks finds its work in rows.
# A schedule is a number of seconds, or a crontab in TIME_ZONE.
BEAT_DEFAULTS: dict[str, tuple[str, float | str]] = {
    "Publish waiting giveaways": ("giveaways.tasks.post_waiting", 2),
    "Post conclusions of finished giveaways": ("giveaways.tasks.conclude_waiting", 2),
    "Keep announcements true": ("giveaways.tasks.refresh_posts", 2),
    "Start scheduled giveaways": ("giveaways.tasks.start_due", 5),
    "Begin giveaways that repeat": ("giveaways.tasks.repeat_due", 10),
    "Finish giveaways whose time has come": ("giveaways.tasks.finish_due", 5),
    "Draw finishing giveaways": ("participants.tasks.draw_waiting", 2),
    "Fill places that became free": ("participants.tasks.promote_waiting", 5),
    "Send webhooks": ("webhooks.tasks.send_waiting", 5),
    "Forget people whose giveaways are over": ("participants.tasks.forget_waiting", 60),
    "Purge what is kept too long": ("participants.tasks.purge", "30 3 * * *"),
    "Deliver broadcasts": ("broadcasts.tasks.pump", 2),
    "Run waiting jobs": ("bots.tasks.run_waiting_jobs", 5),
    "Post waiting messages": ("bots.tasks.post_waiting_messages", 2),
    "Check the rights of active bindings": ("bots.tasks.check_active_rights", 3600),
    "Check the rights of new bindings": ("bots.tasks.check_new_rights", 3600),
    "Collect statistics of the day that ended": ("bots.tasks.collect_statistics", "0 0 * * *"),
    "Remove webhooks of deactivated bots": ("bots.tasks.forget_webhooks", 30),
    "Tell owners what they have to know": ("bots.tasks.tell_owners", 10),
    "Tell owners in Telegram": ("bots.tasks.tell_owners_by_telegram", 5),
    "Give Stars back": ("bots.tasks.refund_stars", 10),
    "Compare Stars with Telegram's": ("bots.tasks.reconcile_stars", 3600),
    "Send notices about offers": ("offers.tasks.send_notices", 2),
    "Heartbeat of the workers": ("bots.tasks.heartbeat", 5),
    "Activate what was paid": ("offers.tasks.settle_waiting", 2),
    "Switch off what ran out": ("offers.tasks.expire_due", 30),
    "Remind of what runs out": ("offers.tasks.remind", 300),
    "Forget ended sessions": ("accounts.tasks.forget_ended_sessions", 86_400),
}
