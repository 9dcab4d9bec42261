"""Settings, read from the environment once at start.

Every name that starts with ``VIRTUE_`` (and ``PORT``) is described in the README.
"""

import os
from pathlib import Path

DATA_DIR = Path(os.environ.get("VIRTUE_DATA_DIR", "instance")).resolve()


class Config:
    """The defaults of a production start; tests and the demo override single keys."""

    VIRTUE_DATA_DIR = str(DATA_DIR)
    VIRTUE_BASE_URL = os.environ.get("VIRTUE_BASE_URL", "")
    VIRTUE_CARD_KEY = os.environ.get("VIRTUE_CARD_KEY", "")
    SECRET_KEY = os.environ.get("VIRTUE_SECRET_KEY", "")
    SQLALCHEMY_DATABASE_URI = os.environ.get("VIRTUE_DATABASE_URL", "")
    MAX_CONTENT_LENGTH = 64 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
    PERMANENT_SESSION_LIFETIME = 12 * 3600
    # The cookie is renewed by handlers.load_person, at most once a minute.
    SESSION_REFRESH_EACH_REQUEST = False
    WTF_CSRF_TIME_LIMIT = None
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    BABEL_DEFAULT_LOCALE = "zh_Hans"
    BABEL_DEFAULT_TIMEZONE = "Asia/Shanghai"
    TEMPLATES_AUTO_RELOAD = False
