"""What broadcasts are called in sentences."""

from config.language import Text

STATES = {
    "scheduled": Text(en="scheduled", ru="запланирована"),
    "running": Text(en="running", ru="идёт"),
    "paused": Text(en="paused", ru="приостановлена"),
    "completed": Text(en="completed", ru="завершена"),
    "cancelled": Text(en="cancelled", ru="отменена"),
    "failed": Text(en="failed", ru="не удалась"),
    "expired": Text(en="expired", ru="просрочена"),
}
