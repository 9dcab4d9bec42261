"""Pages of office."""

from flask import Blueprint

office = Blueprint("office", __name__)
blueprints = (office,)
