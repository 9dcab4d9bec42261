"""Pages of store."""

from flask import Blueprint

store = Blueprint("store", __name__)
blueprints = (store,)
