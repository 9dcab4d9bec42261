"""Pages of people."""

from flask import Blueprint

people = Blueprint("people", __name__)
blueprints = (people,)
