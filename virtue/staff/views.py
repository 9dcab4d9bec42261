"""Pages of staff."""

from flask import Blueprint

staff = Blueprint("staff", __name__)
blueprints = (staff,)
