"""Django's settings, read from the environment only. Every variable is described in .env.example."""

import logging
from datetime import timedelta
from typing import Any

from config import clock, contract, retention
from config import environment as environ
from config.environment import BASE_DIR, read
from config.logs import logging_config

ENVIRONMENT = read("str", "ENVIRONMENT", "production")
if ENVIRONMENT not in ("production", "sandbox"):
    environ.stop('environment variable "ENVIRONMENT" must be "production" or "sandbox".')
SANDBOX = ENVIRONMENT == "sandbox"

# --- secrets and addresses ------------------------------------------------------------------------
SECRET_KEY = read("str", "SECRET_KEY")
if len(SECRET_KEY) < 32:
    environ.stop('environment variable "SECRET_KEY" must have at least 32 characters.')
ENCRYPTION_KEYS = environ.fernet_keys("ENCRYPTION_KEYS")
SIGNING_KEY = environ.seed32("SIGNING_KEY")
PUBLIC_URL = environ.url("PUBLIC_URL")
ALLOWED_HOSTS = [str(host) for host in read("list", "ALLOWED_HOSTS")]
DEBUG = False

# --- Telegram -------------------------------------------------------------------------------------
TELEGRAM_API_URL = environ.url("TELEGRAM_API_URL", "https://api.telegram.org")
PREVIEW_URL = environ.url("PREVIEW_URL", "https://t.me")  # where public channels show their posts and views
MTPROTO_URL, TELEGRAM_API_ID, TELEGRAM_API_HASH, TELEGRAM_USER_SESSION = environ.mtproto()
TELEGRAM_LINK_URL = "https://t.me"
TELEGRAM_TIMEOUT_SECONDS = environ.number("TELEGRAM_TIMEOUT_SECONDS", 15, least=1, most=120)
TELEGRAM_UPDATES = read("str", "TELEGRAM_UPDATES", "polling")
if TELEGRAM_UPDATES not in ("polling", "webhook"):
    environ.stop('environment variable "TELEGRAM_UPDATES" must be "polling" or "webhook".')
WEBHOOK_URL = environ.url("WEBHOOK_URL", PUBLIC_URL)
BINDING_HELD_BY = "giveaways.services.holds.reason_to_stay"  # what keeps a bot in a channel
TELEGRAM_DISPATCHER = "config.telegram.dispatcher"
BOTS_HOST = read("str", "BOTS_HOST", "127.0.0.1")
BOTS_PORT = int(environ.number("BOTS_PORT", 8082, least=0, most=65535))
BOTS_THREADS = int(environ.number("BOTS_THREADS", 8, least=1, most=64))
# How long the work of a process that died waits for another one, as a share of what each kind of work takes.
LEASE_SCALE = environ.number("LEASE_SCALE", 1, least=0.05, most=10)
# For how long Telegram's word that somebody came into a channel is believed without asking again.
MEMBERSHIP_SECONDS = environ.number("MEMBERSHIP_SECONDS", 600, least=0, most=86_400)
MESSAGES_PER_SECOND_PER_BOT = environ.number("MESSAGES_PER_SECOND_PER_BOT", 30, least=0.1, most=1000)
BROADCASTS_PER_ACCOUNT = int(environ.number("BROADCASTS_PER_ACCOUNT", 50, least=1, most=10_000))
PAID_MESSAGES_PER_SECOND = environ.number("PAID_MESSAGES_PER_SECOND", 1000, least=0.1, most=10_000)
MESSAGES_PER_SECOND_PER_CHAT = environ.number("MESSAGES_PER_SECOND_PER_CHAT", 1, least=0.01, most=1000)
MESSAGES_PER_MINUTE_PER_GROUP = environ.number("MESSAGES_PER_MINUTE_PER_GROUP", 20, least=0.1, most=60_000)
REPLIES_SHARE = environ.number("REPLIES_SHARE", 0.15, least=0.01, most=0.5)
LEAST_SHARE_OF_RATE = environ.number("LEAST_SHARE_OF_RATE", 0.1, least=0.01, most=1)
SLOW_ANSWER_SECONDS = environ.number("SLOW_ANSWER_SECONDS", 1, least=0.1, most=60)
STARS_BOTS, STARS_RATE, STARS_LEAST, STARS_MOST = environ.stars()  # what people may pay, and to which bots
REPEAT_SECONDS = int(environ.number("REPEAT_SECONDS", 0, least=0, most=604_800))

# --- public randomness: drand's relays, and the chain that is promised; an empty chain is quicknet -----------
DRAND_URLS, DRAND_CHAIN, DRAND_PUBLIC_KEY = environ.drand()
# From closing to the promised round: the sealed list's hash has to be in the channel before it is made.
BEACON_DELAY_SECONDS = int(environ.number("BEACON_DELAY_SECONDS", 60, least=10, most=86_400))
# The least time between two edits of an announcement's counter; grows with the announcement's age.
COUNTER_SECONDS = environ.number("COUNTER_SECONDS", 30, least=3, most=3600)

# --- the partner who switches offers on ------------------------------------------------------------------
PARTNER_URL, PARTNER_API_KEY, PARTNER_SECRET, PARTNER_TIMEOUT_SECONDS, PARTNER_PATIENCE_SECONDS = (
    environ.partner()
)

# --- money: balances are in one currency; who registers is given something to try the offers with, or nothing -
CURRENCY, WELCOME_BALANCE = environ.money(sandbox=SANDBOX)

# --- the house ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts",
    "webhooks",
    "bots",
    "offers",
    "broadcasts",
    "giveaways",
    "participants",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "drf_standardized_errors",
    "drf_yasg",
    "django_celery_beat",
    "django_structlog",
    "django_prometheus",
    "axes",
    "corsheaders",
    "config",  # last: its admin replaces what the packages above registered
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "config.middleware.RequestIdHeader",
    "config.middleware.WatchedByAddress",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.SpokenLanguage",
    "config.middleware.JsonErrors",  # outside whatever may refuse a request without speaking JSON
    "config.middleware.RateLimitHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "admin:index"
LOGIN_URL = "admin:login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- state lives in PostgreSQL and Redis only -----------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": {**environ.postgresql("DATABASE_URL"), "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
REDIS_URL, CELERY_BROKER_URL, CELERY_RESULT_BACKEND = environ.redis_urls("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}

# --- language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
TIME_ZONE = read("str", "TIME_ZONE", "UTC")
USE_TZ = True

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None if SANDBOX else BASE_DIR / "staticfiles"  # the sandbox collects nothing
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = SANDBOX  # the one-command run serves straight from the packages
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
MEDIA_MEGABYTES_PER_ACCOUNT = int(
    environ.number("MEDIA_MEGABYTES_PER_ACCOUNT", 2000, least=1, most=1_000_000)
)

# --- security: strict unless this is the sandbox, whose pages are plain http on the loopback ------
SECURE_SSL_REDIRECT = not SANDBOX
SECURE_REDIRECT_EXEMPT = [r"^health", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if SANDBOX else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not SANDBOX
SECURE_HSTS_PRELOAD = not SANDBOX
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not SANDBOX
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = int(environ.number("TRUSTED_PROXIES", 0, least=0, most=5))
CORS_ALLOWED_ORIGINS = [str(origin) for origin in read("list", "CORS_ALLOWED_ORIGINS", [])]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HTTP_RESPONSE_CODE = 429
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # so that Retry-After is true
AXES_CLIENT_IP_CALLABLE = "config.addresses.client_address"
AXES_USERNAME_CALLABLE = "accounts.logins.name_tried"
AXES_LOCKOUT_CALLABLE = "config.middleware.locked_out"
AXES_ENABLE_ADMIN = False  # registered with this project's admin theme instead
AXES_VERBOSE = False

# --- the HTTP contract ----------------------------------------------------------------------------
REST_FRAMEWORK = {**contract.REST_FRAMEWORK, "NUM_PROXIES": TRUSTED_PROXIES}
SWAGGER_SETTINGS = contract.SWAGGER_SETTINGS
THROTTLE_RATES = contract.THROTTLE_RATES
THROTTLE_SCALE = environ.number("THROTTLE_SCALE", 1, least=0.01, most=100_000)
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(
        minutes=int(environ.number("ACCESS_TOKEN_MINUTES", 60, least=1, most=1440))
    ),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=int(environ.number("REFRESH_TOKEN_DAYS", 14, least=1, most=90))),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": True,
    "SIGNING_KEY": SECRET_KEY,
}
# How long the initData of a Mini App is believed: whoever gets hold of it is that person so long.
INIT_DATA_SECONDS = environ.number("INIT_DATA_SECONDS", 3600, least=60, most=86_400)
SWAGGER_USE_COMPAT_RENDERERS = False

KEEP_DAYS = retention.days()  # of personal data, by name

# --- mail and SMS: without a server nothing is sent; alerts and notices stay readable in the admin --------
globals().update(environ.mail("EMAIL_URL"))
DEFAULT_FROM_EMAIL = read("str", "DEFAULT_FROM_EMAIL", "telegive@localhost")
SMS_URL, SMS_API_KEY = environ.sms()
NOTICE_SENDERS = {
    "email": read("str", "EMAIL_SENDER", "offers.senders.mail.by_django"),
    "sms": read("str", "SMS_SENDER", "offers.senders.sms.by_http"),
}

# --- work -----------------------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True  # results are rows of ours
CELERY_TASK_PUBLISH_RETRY = False  # a nudge is worth no waiting
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 2**31  # config.celery closes connections, and only those that broke
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_TIME_LIMIT = 300
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {"broadcasts.tasks.*": {"queue": "delivery"}}
CELERY_BEAT_SCHEDULER = "config.schedules:Schedules"
DJANGO_CELERY_BEAT_TZ_AWARE = True
BEAT_DEFAULTS = clock.BEAT_DEFAULTS

# --- seeing what happens --------------------------------------------------------------------------
LOG_LEVEL = read("str", "LOG_LEVEL", "INFO").upper()
LOGGING_CONFIG = None
LOGGING = logging_config(LOG_LEVEL)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # RequestIdHeader has looked at it
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it would believe any X-Forwarded-For
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request: the one that knows the answer
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
DJANGO_STRUCTLOG_CELERY_TASK_RETRY_LOG_LEVEL = logging.INFO  # a run that came too late: the next one came
PROMETHEUS_EXPORT_MIGRATIONS = False

UNFOLD = {"SITE_TITLE": "Telegive", "SITE_HEADER": "Telegive", "SITE_SYMBOL": "redeem"}
