"""All settings, in fixed order; values come from the environment (docs/settings.md lists them)."""

from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from config.csp import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from config.env import env_bool, env_int, env_list, env_str, mail_server
from config.log_config import logging_config
from dispatch import queues

ROOT = Path(__file__).resolve().parents[2]

# ── Core ────────────────────────────────────────────────────────────────────────────────────────
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_str("SECRET_KEY")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1")
# Behind one reverse proxy, which sets X-Forwarded-For and X-Forwarded-Proto itself.
BEHIND_PROXY = env_bool("BEHIND_PROXY", False)
BASE_URL = env_str("BASE_URL", "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.gis",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_rq",
    "django_vite",
    "drf_spectacular",
    "rest_framework",
    "rest_framework_gis",
    "two_factor",
    "accounts",
    "audit",
    "teryt",
    "gis_layers",
    "residents",
    "dispatch",
    "config",
]
MIDDLEWARE = [
    "config.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.cors.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.access.template_context",
            ]
        },
    }
]

FORM_RENDERER = "config.forms.FormRenderer"

# ── Database and Redis ──────────────────────────────────────────────────────────────────────────
DATABASES = {
    "default": dj_database_url.parse(
        env_str("DATABASE_URL"), engine="django.contrib.gis.db.backends.postgis"
    )
}
# Our statements are short: compiling one takes longer than running it (a street's preview 3 ms,
# with the compiler 12).
_given = DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["OPTIONS"] = {
    **_given,
    "options": f"{_given.get('options', '')} -c jit=off".strip(),
}
# A pool only under the web server, which sets DB_POOL; workers fork and must not share sockets.
if env_bool("DB_POOL", False):
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {
            "min_size": 1,
            "max_size": env_int("DB_POOL_MAX", 8, at_least=1),
            "timeout": 5,  # seconds that a request waits for a connection before it is answered 503
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env_str("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": queues.JOB_TIMEOUT_S} for name in queues.ALL
}

# ── Sign-in ─────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 48 * 3600  # seconds an invitation's link is good for
CONFIRM_FOR_S = 15 * 60  # how long a one-time code lets one do what asks for a fresh one
LOGIN_URL = "two_factor:login"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "two_factor:login"
TWO_FACTOR_PATCH_ADMIN = False
TWO_FACTOR_QR_FACTORY = "qrcode.image.svg.SvgPathFillImage"  # white behind it, in dark mode too
OTP_TOTP_ISSUER = "System Alert Online"
# Fernet keys for push targets and addresses, newest first; manage.py rotate_keys re-encrypts.
FIELD_KEYS = env_list("FIELD_KEYS")

# ── Languages and time ──────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "pl"
LANGUAGE_COOKIE_NAME = "lang"
LANGUAGES = [("pl", _("Polish")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "platform" / "config" / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Warsaw"
USE_TZ = True

# ── Files ───────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
FRONTEND_DIST = ROOT / "frontend" / "dist"
STATICFILES_DIRS = [path for path in [FRONTEND_DIST / "site"] if path.is_dir()]
DJANGO_VITE = {
    "default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / "site" / "manifest.json"}
}

# ── REST ────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.VerifiedSessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.json_body.LimitedJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    # How many proxies add to X-Forwarded-For: what a caller writes there itself never counts.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    # By address where signed out (whole mobile networks share one), else by resident.
    "DEFAULT_THROTTLE_RATES": {
        "register": "1000/hour",
        "residents": "600/hour",
        "phones": "1200/hour",
        "places": "6000/hour",
        "ogc": "20000/hour",
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "System Alert Online",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "AlertState": "dispatch.models.Alert.State",
        "AreaPartKind": "dispatch.models.AreaPart.Kind",
        "FindingCode": "gis_layers.finding_kinds.KINDS",
        "HitKind": "gis_layers.search.KINDS",
        "ImportState": "gis_layers.models.ImportRun.State",
        "IncidentKind": "dispatch.models.Incident.Kind",
        "LayerKind": "gis_layers.models.LayerKind",
        "MessageKind": "dispatch.models.Message.Kind",
        "PlaceKind": "residents.models.Place.Kind",
        "PushKind": "residents.models.Device.PushKind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api_docs.describe_errors",
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "config.upload_limits.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ── Geography ───────────────────────────────────────────────────────────────────────────────────
# xmin, ymin, xmax, ymax in EPSG:2180 (metres, easting first): Poland with a margin of 10 km.
# Points outside are refused as broken coordinates; None lifts the check (foreign test data).
COUNTRY_ENVELOPE_2180: tuple[float, float, float, float] | None = (
    160_000,
    120_000,
    870_000,
    785_000,
)
# GUS's web service of the registers (teryt/ws1.py): asked only by manage.py teryt_fetch.
TERYT_WS1_WSDL = env_str("TERYT_WS1_WSDL", "https://uslugaterytws1.stat.gov.pl/wsdl/terytws1.wsdl")
TERYT_WS1_USER = env_str("TERYT_WS1_USER", "")
TERYT_WS1_PASSWORD = env_str("TERYT_WS1_PASSWORD", "")
TERYT_WS1_TIMEOUT_S = env_int("TERYT_WS1_TIMEOUT_S", 120, at_least=1)
NEAREST_ADDRESS_MAX_M = 60
NEAREST_STREET_MAX_M = 100
TILE_MAX_FEATURES = env_int("TILE_MAX_FEATURES", 20_000, at_least=1)  # of one layer in one tile
TILE_CACHE_URL = env_str("TILE_CACHE_URL", REDIS_URL)
TILE_MEMORY_MB = env_int("TILE_MEMORY_MB", 32)
TILE_GRACE_S = 3600  # how long a superseded map revision is still served (open pages catch up)
IMPORT_MAX_BYTES = 2 * 1024**3  # of a layer file, unpacked
IMPORT_MAX_FEATURES = 2_000_000  # of a layer file
IMPORT_MAX_VERTICES = 200_000  # of one feature
IMPORT_MAX_COLUMNS = 1_000  # of a layer file
IMPORT_MAX_TEXT = 20_000  # bytes of one value
IMPORT_READER_MEMORY = 1024**3  # bytes for the process that reads a layer file
IMPORT_READER_SECONDS = 1_800  # of processor for the same
IMPORT_UPLOAD_MAX_BYTES = 256 * 1024**2  # of a file as it is sent, packed or not
IMPORT_UPLOAD_KEPT_S = 24 * 3600  # how long an upload waits for its officer's choice
IMPORT_LEASE_S = 30  # a worker that is silent for so long has lost its import
IMPORT_ATTEMPTS = 2  # times that an import is begun, when workers die over it
IMPORT_TIMEOUT_S = 3600  # RQ ends an import that takes longer
EDIT_MAX_VERTICES = 60_000  # of the features that the map editor takes at once
# Whether a WFS may be asked over http:// and at private addresses (a server in the office).
WFS_PRIVATE = env_bool("WFS_PRIVATE", False)
WFS_NIGHT_HOUR = 2  # of the clock in Poland, from when on services are read nightly
REPORT_MAX_CASES = 10_000  # of one code kept with an edition; their number is always whole
AREA_MAX_PARTS = 500
AREA_MAX_VERTICES = 5_000
AREA_MAX_REACH_M = 5_000
DRAWN_MIN_M2 = 500
DRAWN_MAX_OUTSIDE = 0.05
# Counts below are masked everywhere ("mniej niż 5"); drawn shapes and reaches in metres below 20.
MASK_BELOW = 5
MASK_BELOW_DRAWN = 20
# Previews of drawn shapes and reaches in metres, per person.
FREE_PREVIEWS_PER_HOUR = 60

# GDAL before 3.9 can't be told to stay off the network, and Debian 12 has 3.6: gis_layers.imports
# opens local files of listed formats only, and refuses GeoJSON with a linked CRS.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# ── Dispatch ────────────────────────────────────────────────────────────────────────────────────
FCM_CREDENTIALS = env_str("FCM_CREDENTIALS", "")
FCM_EMULATOR_URL = env_str("FCM_EMULATOR_URL", "").rstrip("/")
FCM_CA_BUNDLE = env_str("FCM_CA_BUNDLE", "")
FCM_PAYLOAD_MAX_BYTES = 4096
# FCM asks for at least ten seconds; an emulator may be hurried.
FCM_TIMEOUT_S = env_int("FCM_TIMEOUT_S", 15, at_least=10 if FCM_CREDENTIALS else 1)
# Messages a second of all senders together; 0: no cap (benches).
FCM_RATE = env_int("FCM_RATE", 600)
SEND_BATCH = env_int("SEND_BATCH", 100, at_least=1)
SEND_CONNECTIONS = env_int("SEND_CONNECTIONS", 200, at_least=1)
# How long a sender holds a batch; it renews that while it waits for answers.
LEASE_S = env_int("LEASE_S", 60, at_least=2 * FCM_TIMEOUT_S + 1)
SENDER_RUN_S = 120
# Processes that may send at the same time, over all machines.
SENDERS_MAX = env_int("SENDERS_MAX", 8, at_least=1)
CLOCK_TICK_S = env_int("CLOCK_TICK_S", 5, at_least=1)
# A start missed by more is a missed one: the alert's own rule says what becomes of it.
START_GRACE_S = 300
# Planned alerts to so many people keep off the quarter hours, when FCM has its peaks.
OFF_PEAK_FROM = 10_000
# How long before the expected end of an event its officers are asked whether it goes on.
END_ASKED_BEFORE_S = 1800
# Dates of one series, and the years it may last.
RECURRENCE_MAX = 366
RECURRENCE_MAX_YEARS = 10
RECEIPTS_MAX = 500
PLACES_MAX = 20
DEVICES_MAX = 10
JOIN_CODE_S = 600
STAFF_CODE_S = 600
# Minutes count: after so long without a decision everybody who may approve is asked.
APPROVAL_ESCALATION_S = 300
NOTICE_LEASE_S = 120
NOTICE_GIVE_UP_S = 24 * 3600
DEVICE_SILENT_DAYS = 270
# Details of sendings; figures stay (docs/privacy.md).
DELIVERIES_KEPT_MONTHS = 24
RECEIPTS_KEPT_MONTHS = 12

# ── E-mail: to staff only ───────────────────────────────────────────────────────────────────────
EMAIL_URL = env_str("EMAIL_URL", "")
_mail = mail_server(EMAIL_URL)
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.security == "starttls", _mail.security == "tls"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env_str("EMAIL_FROM", None if EMAIL_URL else "alert@localhost")

# /metrics: with a token whoever shows it; without one this machine's own network (metrics.py).
METRICS_TOKEN = env_str("METRICS_TOKEN", "")

# ── Security ────────────────────────────────────────────────────────────────────────────────────
HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# A __Host- cookie is never taken from a sister domain or over plain HTTP.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_FAILURE_VIEW = "config.pages.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"

# ── Logs ────────────────────────────────────────────────────────────────────────────────────────
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(level=env_str("LOG_LEVEL", "INFO"))
AUDIT_HEADS_FILE = env_str("AUDIT_HEADS_FILE", str(ROOT / ".local" / "audit-heads.log"))
