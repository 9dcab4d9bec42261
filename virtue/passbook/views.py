"""Pages of passbook."""

from flask import Blueprint

passbook = Blueprint("passbook", __name__)
blueprints = (passbook,)
