"""``/healthz``: the process answers. ``/readyz``: the database answers and its migrations are at the head."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from virtue.extensions import db

health = Blueprint("health", __name__)
blueprints = (health,)


@health.get("/healthz")
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database can be read and is at the newest migration."""
    try:
        db.session.execute(text("SELECT 1"))
        current = MigrationContext.configure(db.session.connection()).get_current_revision()
    except SQLAlchemyError:
        return jsonify(status="database"), 503
    head = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    if current != head:
        return jsonify(status="migrations", current=current, head=head), 503
    return jsonify(status="ok"), 200
