"""The WSGI entry: ``gunicorn wsgi:app`` or ``flask --app wsgi``."""

from virtue import create_app

app = create_app()
