"""Why: every number's chain in plain words, for the household that has it and for the desk. Reads only.

``queries`` has one question for each kind of number; what it gives adds up to that number. ``facts`` reads all that the
lines point to in a fixed number of statements, ``sentences`` says it.
"""
