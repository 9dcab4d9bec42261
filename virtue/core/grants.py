"""What the application's PostgreSQL role may do, and no more: the database's owner grants it, the application can't.

Written rows are inserted and read. Of an account only the balance changes, of a village's chain only its end. The
role owns no table, so it can't take a trigger away either.
"""

from collections.abc import Iterator

from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql

from virtue.schema import APPEND_ONLY

CHANGING = {"account": ("balance",), "chain": ("seq", "seal", "recorded_at")}
"""Tables of which only some columns are ever changed."""

FORGETTING = (
    "ballot", "item_barcode", "opening", "parked_basket", "picture_mark", "pot_months", "rule", "stored_file", "throttle",
    "wish",
)  # fmt: skip
"""Tables whose rows the application deletes: what was a draft, a wish or a mark; ballots once, to lie sorted."""


def statements(role: str, metadata: MetaData) -> Iterator[str]:
    """The GRANT statements for a role, to be run by the owner of the tables."""
    quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]
    who = quote(role)
    yield f"GRANT USAGE ON SCHEMA public TO {who};"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {who};"
    for table in metadata.sorted_tables:
        rights = ["SELECT", "INSERT"]
        if table.name in CHANGING:
            rights.append(f"UPDATE ({', '.join(quote(column) for column in CHANGING[table.name])})")
        elif table.name not in APPEND_ONLY:
            rights.append("UPDATE")
        if table.name in FORGETTING:
            rights.append("DELETE")
        yield f"REVOKE ALL ON {quote(table.name)} FROM {who};"
        yield f"GRANT {', '.join(rights)} ON {quote(table.name)} TO {who};"
