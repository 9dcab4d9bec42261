"""The WSGI entry: ``gunicorn wsgi:app`` or ``flask --app wsgi``."""

from virtue import create_app
from virtue.office import setup

app = create_app()
setup.announce(app)
