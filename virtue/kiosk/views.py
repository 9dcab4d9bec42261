"""Pages of kiosk."""

from flask import Blueprint

kiosk = Blueprint("kiosk", __name__)
blueprints = (kiosk,)
