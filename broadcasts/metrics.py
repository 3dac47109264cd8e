"""What delivery counts for Prometheus; never a label per chat, bot or broadcast."""

from prometheus_client import Counter, Gauge, Histogram

SENDS = Counter("broadcast_sends", "Answers of Telegram to messages of broadcasts", ["outcome", "kind"])
FLOODS = Counter("broadcast_floods", "Times Telegram asked to wait", ["scope"])
RESULTS = Counter("broadcast_results", "Recipients whose result was recorded", ["outcome"])
TASKS_CREATED = Counter("tasks_created", "Broadcasts made")
TASKS_FAILED = Counter("tasks_failed", "Broadcasts stopped because their content is broken")
TASK_SECONDS = Histogram(
    "task_processing_duration_seconds",
    "From a broadcast's first message to its end",
    buckets=(1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 86_400),
)
OLDEST_WAITING = Gauge(
    "broadcast_oldest_waiting_seconds",
    "For how long the first of the broadcasts that are due has been waiting for its first message",
    ["priority"],
    multiprocess_mode="mostrecent",
)
LEASE_EXPIRIES = Counter("broadcast_lease_expiries", "Chunks taken from a pump that had gone silent")
LOST_LEASES = Counter("broadcast_lost_leases", "Chunks another pump took over from a live one")
LATE_SLOTS = Counter("broadcast_late_slots", "Slots that passed unused because the process was late")
SLOT_LAG = Histogram(
    "broadcast_slot_lag_seconds",
    "How long after its slot a message left",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
LEARNED_SHARE = Histogram(
    "broadcast_learned_rate_share",
    "Rate that bots may use now, as a share of their limit, at each reservation",
    buckets=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1),
)
IN_FLIGHT = Gauge("broadcast_in_flight", "Messages sent whose answer is awaited", multiprocess_mode="livesum")
GRANT_SECONDS = Histogram(
    "broadcast_grant_seconds",
    "From asking for a grant to having it, in batches",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
ANSWER_SECONDS = Histogram(
    "broadcast_answer_seconds",
    "Telegram's latency",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
