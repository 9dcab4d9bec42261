"""Use cases of people."""

from virtue.people.looks import record_look, record_looks

__all__ = ["record_look", "record_looks"]
