"""Statements that pass SQLAlchemy's machinery by say the same as those that don't, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.watch import count_queries
from virtue import clock
from virtue.core.models import Audit, Setting
from virtue.extensions import db
from virtue.places.models import Grid
from virtue.prepared import Prepared, into
from virtue.transactions import atomic

_AUDIT, _SETTING, _GRID = Audit.__table__, Setting.__table__, Grid.__table__
NEW = into(_AUDIT, "id")
NEW_ID = into(_AUDIT, "id", returning="id")
FIND = Prepared(
    sa.select(_AUDIT.c.id, _AUDIT.c.recorded_at, _AUDIT.c.details)
    .where(_AUDIT.c.by_id.in_(sa.bindparam("people", expanding=True)), _AUDIT.c.action == sa.bindparam("action"))
    .order_by(_AUDIT.c.id)
)
RENAME = Prepared(
    sa.update(_GRID).where(_GRID.c.id == sa.bindparam("grid"), _GRID.c.number > 0).values(name=sa.bindparam("new_name"))
)


def row(by: int, **fields):
    empty = {column.name: None for column in _AUDIT.c if column.name != "id"}
    return {**empty, "by_id": by, "action": "try", "recorded_at": clock.now(), "details": {"by": by}, **fields}


def test_rows_come_back_as_they_went_in(app):
    at = clock.now() - timedelta(days=400)
    with atomic():
        first = NEW_ID.scalar(row(1, recorded_at=at, details={"points": {"home": 3}}))
        assert NEW.run_many([row(2), row(3)]) == 2
    found = FIND.all({"people": [1, 3, 9], "action": "try"})
    assert (found[0].recorded_at, found[0].details) == (at, {"points": {"home": 3}})
    assert [each.details for each in found] == [{"points": {"home": 3}}, {"by": 3}]
    assert db.session.get(Audit, first).recorded_at == at


@pytest.mark.parametrize("people", [[], [1], [1, 2, 3]])
def test_lists_of_any_length(app, people):
    with atomic():
        NEW.run_many([row(1), row(2), row(3), row(4)])
    assert len(FIND.all({"people": people, "action": "try"})) == len(people)
    assert FIND.all({"people": people, "action": "other"}) == []
    assert FIND.first({"people": [7], "action": "try"}) is None
    assert FIND.scalar({"people": [7], "action": "try"}) is None


def test_many_rows_are_changed_each_in_its_own_way(app):
    village = factories.VillageFactory()
    grids = [factories.GridFactory(village=village).id for _ in range(3)]
    with atomic():
        assert RENAME.run_many([]) == 0
        assert RENAME.run_many([{"grid": grid, "new_name": f"新{grid}"} for grid in grids[:2]]) == 2
        assert RENAME.run_many([{"grid": 10**9, "new_name": "无"}, {"grid": grids[2], "new_name": "三"}]) == 1
    names = db.session.execute(sa.select(_GRID.c.name).order_by(_GRID.c.id)).scalars().all()
    assert names == [f"新{grids[0]}", f"新{grids[1]}", "三"]


def test_many_rows_are_one_statement(app):
    with count_queries(app) as queries, atomic():
        NEW.run_many([row(number) for number in range(50)])
    assert len(queries) == 1


def test_a_row_names_every_column(app):
    with pytest.raises(KeyError), atomic():
        NEW.run({"action": "try"})
    assert db.session.query(Audit).count() == 0


def test_the_databases_no_is_sqlalchemys(app):
    new = into(_SETTING)
    village_id = factories.VillageFactory().id
    setting = {"village_id": village_id, "name": "notice_days", "value": 6}
    setting.update({column.name: setting.get(column.name) for column in _SETTING.c})
    if setting.get("id", 0) is None:
        setting["id"] = 1
    with atomic():
        new.run(setting)
    with pytest.raises(IntegrityError), atomic():
        new.run(setting)
    assert db.session.query(Setting).count() == 1


def test_what_was_written_is_rolled_back_with_the_rest(app):
    def stop_halfway():
        with atomic():
            NEW.run(row(1))
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        stop_halfway()
    assert db.session.query(Audit).count() == 0
