"""Pages of portal."""

from flask import Blueprint

portal = Blueprint("portal", __name__)
blueprints = (portal,)
