"""Register import: the clerk's workbooks become households and members.

Files are read in this order: ``guards`` (is it safe to open?) -> ``reading`` (rows) -> ``columns``
(which column is what; what must not be kept) -> ``cells`` (one cell's meaning) -> ``households``
(rows grouped and checked) -> ``comparing`` (what is new, changed, unchanged, gone) -> ``importing`` (the write).
Everything before ``comparing`` knows no database.
"""
