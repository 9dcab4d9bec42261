"""Virtue: the points system of a village."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from virtue import access, assets, cli, formatting, handlers, logs, pages, secrets, transactions
from virtue.extensions import babel, csrf, db, htmx, login, migrate

ROOT = Path(__file__).resolve().parent

BLUEPRINTS = (
    "virtue.core.health",
    "virtue.staff.views",
    "virtue.people.views",
    "virtue.store.views",
    "virtue.awarding.views",
    "virtue.honours.star_views",
    "virtue.dividends.views",
    "virtue.passbook.views",
    "virtue.kiosk.views",
    "virtue.portal.views",
    "virtue.office.views",
    "virtue.reports.views",
)
"""Modules with a ``blueprints`` tuple."""


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application: settings, extensions, pages, handlers, commands."""
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_object("config.Config")
    app.config.update(config or {})
    configure(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    login.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    babel.init_app(app, locale_selector=handlers.choose_locale)
    with app.app_context():
        transactions.prepare_engine(db.engine)
    handlers.init_handlers(app)
    access.init_access(app)
    assets.init_assets(app)
    formatting.init_formatting(app)
    pages.init_pages(app)
    for module in BLUEPRINTS:
        for blueprint in import_module(module).blueprints:
            app.register_blueprint(blueprint)
    import_module("virtue.office.daily").init_daily(app)
    import_module("virtue.kiosk.screen_queries").init_silent(app)
    cli.init_cli(app)
    return app


def configure(app: Flask) -> None:
    """Derive what the settings imply: the database, the keys, the cookie's name."""
    import_module("virtue.models")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["IS_PRODUCTION"] = bool(url) and not app.testing
    if not url:
        folder = Path(app.config["VIRTUE_DATA_DIR"])
        folder.mkdir(parents=True, exist_ok=True)
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / 'virtue.db'}"
    elif url.startswith("postgresql"):
        app.config["SQLALCHEMY_DATABASE_URI"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
        # The connection used last has its statements prepared and its server's caches warm: use that one again.
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_use_lifo": True}
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "translations")
    secure = app.config["VIRTUE_BASE_URL"].startswith("https://")
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["SESSION_COOKIE_NAME"] = "__Host-virtue" if secure else "virtue"
    secrets.init_secrets(app)
    if not app.testing:
        logs.init_logs()
