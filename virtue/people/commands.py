"""Commands of people."""

from virtue.people.register.commands import import_register

commands = (import_register,)
