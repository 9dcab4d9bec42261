"""Pages of awarding."""

from flask import Blueprint

awarding = Blueprint("awarding", __name__)
blueprints = (awarding,)
