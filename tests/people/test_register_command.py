"""``flask virtue import-register``."""

import openpyxl
import pytest
import sqlalchemy as sa

from tests.factories import VillageFactory
from tests.pages import unchanged
from tests.people.register_books import book, line
from virtue.extensions import db
from virtue.people.models import Household, Member
from virtue.places.models import Village

WANG = line("王建国", code="0101")
BAD = line("赵四", code="0102", sex="?")


@pytest.fixture
def sheet(tmp_path):
    def write(*rows, name="清水村.xlsx", **options):
        path = tmp_path / name
        path.write_bytes(book(rows, **options))
        return path

    return write


def test_the_command_imports_several_files(app, cli, sheet):
    first = sheet(WANG)
    second = sheet(line("钱五", code="9"), name="乙.xlsx", above=["填表单位：乙村"])
    output = cli("virtue", "import-register", first, second).output
    assert output.splitlines() == [
        "清水村.xlsx：清水村（按填表单位），1户，1人，1个网格。",
        "　没有读取、也不保存的栏：身份证号、备注。",
        "　本村没有打开电话登记，联系电话没有保存。",
        "乙.xlsx：乙村（按填表单位），1户，1人，1个网格。",
        "　没有读取、也不保存的栏：身份证号、备注。",
        "　本村没有打开电话登记，联系电话没有保存。",
        "清水村：系统里还没有这个村，新建。",
        "清水村：新建网格第1网格。",
        "清水村：新增1户（1人），有变化0户，没有变化0户，花名册里没有了0户，因有错没有导入0户。",
        "乙村：系统里还没有这个村，新建。",
        "乙村：新建网格第1网格。",
        "乙村：新增1户（1人），有变化0户，没有变化0户，花名册里没有了0户，因有错没有导入0户。",
        "导入好了。",
    ]
    assert db.session.scalars(sa.select(Member.name).order_by(Member.id)).all() == ["王建国", "钱五"]


def test_twice_says_that_nothing_changed(app, cli, sheet):
    cli("virtue", "import-register", sheet(WANG))
    with unchanged(app):
        output = cli("virtue", "import-register", sheet(WANG)).output
    assert output.splitlines()[-1] == "没有任何变化。"


@pytest.mark.parametrize("said", ["qs", "本地村"])
def test_the_option_names_the_village_by_name_or_address(app, cli, sheet, said):
    VillageFactory(name="本地村", slug="qs")
    cli("virtue", "import-register", "--village", said, sheet(WANG))
    assert db.session.scalars(sa.select(Village.name)).all() == ["本地村"]


def test_with_a_mistake_the_command_fails_and_writes_nothing(app, cli, sheet):
    path = sheet(WANG, BAD)
    with unchanged(app):
        output = cli("virtue", "import-register", path, code=1).output
    assert "清水村.xlsx 花名册第5行“性别”：性别只能是男或女。" in output
    assert output.splitlines()[-1].startswith("有错，什么都没有写。")


def test_a_dry_run_writes_nothing(app, cli, sheet):
    path = sheet(WANG)
    with unchanged(app):
        output = cli("virtue", "import-register", "--dry-run", path).output
    assert output.splitlines()[-1] == "这是试导入，什么都没有写。"


def test_skip_bad_writes_the_rest_and_a_workbook_to_correct(app, cli, sheet, tmp_path):
    path = sheet(WANG, BAD)
    output = cli("virtue", "import-register", "--skip-bad", "--to-correct", tmp_path, path).output
    assert output.splitlines()[-1] == "导入好了。"
    assert db.session.scalars(sa.select(Household.code)).all() == ["0101"]
    rows = openpyxl.load_workbook(tmp_path / "清水村-待改正.xlsx").active.iter_rows(min_row=4, values_only=True)
    assert list(rows) == [("第1网格", "0102", "赵四", "赵四", "户主", "?", "1970-03", "性别只能是男或女。")]


def test_a_file_that_is_none_fails(app, cli, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"nothing")
    with unchanged(app):
        output = cli("virtue", "import-register", path, code=1).output
    assert output.splitlines()[0] == "x.xlsx：文件坏了，打不开。请在表格软件里打开，另存为.xlsx再试。"
