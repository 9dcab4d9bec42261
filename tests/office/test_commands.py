"""``flask virtue init``, ``stats``, ``user add``."""

import json

import pytest
import sqlalchemy as sa

from tests import databases
from tests.factories import CountyFactory, HouseholdFactory, TownshipFactory, VillageFactory, keeper
from tests.pages import Visitor
from tests.watch import unchanged
from virtue.core import settings
from virtue.core.models import Audit
from virtue.extensions import db
from virtue.office import setup
from virtue.places.queries import find_township
from virtue.staff import queries as staff


def test_stats_count_everything(app, cli):
    HouseholdFactory(members=3)
    counts = json.loads(cli("virtue", "stats", "--json").stdout)
    assert counts == {
        "villages": 1, "grids": 1, "households": 1, "members": 3, "cards": 0, "rules": 0, "goods": 0, "deeds": 0,
        "entries": 0, "transfers": 0, "orders": 0,
    }  # fmt: skip
    assert "households" in cli("virtue", "stats").stdout


def test_init_makes_the_database_and_prints_the_code(database, shared, tmp_path, worker):
    with databases.empty(database, shared, tmp_path, worker) as url:
        app = databases.make_app(url, tmp_path / "data")
        said = app.test_cli_runner().invoke(args=["virtue", "init"])
        assert said.exit_code == 0, said.output
        with app.app_context():
            code = setup.setup_code()
            tables = sa.inspect(db.engine).get_table_names()
            assert settings.value("setup_code_hash")
        assert code in said.output
        assert {"village", "entry", "alembic_version"} <= set(tables)
        again = app.test_cli_runner().invoke(args=["virtue", "init"])
        assert code in again.output
        databases.forget(app)


def test_init_prints_no_code_where_there_are_users(database, shared, tmp_path, worker):
    with databases.empty(database, shared, tmp_path, worker) as url:
        app = databases.make_app(url, tmp_path / "data")
        runner = app.test_cli_runner()
        runner.invoke(args=["virtue", "init"])
        runner.invoke(args=["virtue", "user", "add", "wang", "--name", "王", "--role", "county_admin"])
        said = runner.invoke(args=["virtue", "init"])
        assert "设置码" not in said.output
        databases.forget(app)


def test_user_add_prints_a_one_time_password(app, cli):
    village = VillageFactory(name="富民新村")
    words = ("virtue", "user", "add", "Wang", "--name", "王文书", "--role", "village_admin", "--role", "keeper")
    said = cli(*words, "--village", "富民新村").stdout
    user = staff.find_by_username("wang")
    assert sorted((grant.role, grant.village_id) for grant in user.grants) == [
        ("keeper", village.id),
        ("village_admin", village.id),
    ]
    page = Visitor(app).sign_in(user, said.rsplit("：", 1)[1].strip())
    assert page("/desk", 303).location == "/password"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("wang", "--name", "王", "--role", "keeper", "--village", "没有村"), "没有叫没有村的村"),
        (("wang", "--name", "王", "--role", "keeper"), "没有这种职责"),
        (("taken", "--name", "王", "--role", "keeper", "--village", "富民新村"), "用户名taken已经有人用了"),
        (("王", "--name", "王", "--role", "keeper", "--village", "富民新村"), "用户名要2到40个字符"),
        (("wang", "--name", " ", "--role", "keeper", "--village", "富民新村"), "姓名要填"),
    ],
)
def test_a_wrong_user_add_changes_nothing(app, cli, words, sentence):
    keeper(VillageFactory(name="富民新村"), username="taken")
    with unchanged(app):
        assert sentence in cli("virtue", "user", "add", *words, code=1).output


TOWN = ("virtue", "township", "add", "黄花滩镇", "--county", "古浪县")


def test_a_town_over_villages_and_its_admin(app, cli):
    first, second = (VillageFactory(name=name, township=None) for name in ("富民新村", "感恩新村"))
    for _again in range(2):
        assert cli(*TOWN, "--village", "富民新村", "--village", "感恩新村").stdout == "黄花滩镇：富民新村、感恩新村。\n"
    town = find_township("黄花滩镇")
    assert (town.county.name, first.township_id, second.township_id) == ("古浪县", town.id, town.id)
    trail = db.session.scalars(sa.select(Audit.village_id).where(Audit.action == "places.join_township"))
    assert sorted(trail) == [first.id, second.id]
    words = ("virtue", "user", "add", "zhen", "--name", "镇管理员", "--role", "township_admin")
    cli(*words, "--township", "黄花滩镇")
    assert staff.overseers(first.id) == staff.overseers(second.id) == {staff.find_by_username("zhen").id}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*TOWN, "--village", "没有村"), "没有叫没有村的村"),
        ((*TOWN, "--village", "富民新村", "--village", "别镇新村"), "别镇新村已经归西靖镇了"),
        (("virtue", "township", "add", " ", "--county", "古浪县", "--village", "富民新村"), "镇名、县名要写1到40个字"),
        (
            ("virtue", "township", "add", "黄花滩镇", "--county", "镇" * 41, "--village", "富民新村"),
            "镇名、县名要写1到40个字",
        ),
        (("virtue", "township", "add", "西靖镇", "--county", "别县", "--village", "富民新村"), "西靖镇已经归古浪县了"),
        (("virtue", "user", "add", "zhen", "--name", "镇", "--role", "township_admin"), "没有这种职责"),
        (
            ("virtue", "user", "add", "zhen", "--name", "镇", "--role", "township_admin", "--township", "没有镇"),
            "没有叫没有镇的镇",
        ),
    ],
)
def test_a_wrong_town_changes_nothing(app, cli, words, sentence):
    VillageFactory(name="富民新村", township=None)
    VillageFactory(name="别镇新村", township=TownshipFactory(name="西靖镇", county=CountyFactory(name="古浪县")))
    with unchanged(app, aside=frozenset()):
        assert sentence in cli(*words, code=1).output


def test_the_code_is_announced_only_by_a_server(app, capsys):
    setup.announce(app)
    assert setup.setup_code() in capsys.readouterr().err
    keeper(VillageFactory())
    setup.announce(app)
    assert capsys.readouterr().err == ""
