"""The import page: upload, dry run, report, confirm; what lies between; who may."""

import io
import os
import time
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from tests.factories import VillageFactory, keeper, village_admin
from tests.pages import unchanged
from tests.people.register_books import TODAY, book, line
from virtue.core.models import Job
from virtue.extensions import db
from virtue.people.models import Household, Member
from virtue.people.register import keeping
from virtue.people.register.parsing import read_registers
from virtue.transactions import atomic

WANG = line("王建国", code="0101", phone="19912345678")
LI = line("李秀英", "配偶", "女", "1972.11")
BAD = [line("赵四", code="0102", birth="1970-02-30"), line("钱三妹", "配偶", "女", "1971-05-06")]


@pytest.fixture
def village(app):
    return VillageFactory(name="清水村", slug="qs")


@pytest.fixture
def clerk(page, village):
    return page.sign_in(village_admin(village))


def upload(page, *contents, name="清水村.xlsx", status=303, **fields):
    files = [(io.BytesIO(content), name) for content in contents]
    return page.submit(page("/households/import").select_one("main form"), status, files=files, **fields)


def report_page(page, answer):
    """Follow to the job's page and from there to the report."""
    job = page(answer.location)
    return page(job.select_one("#job a.btn-primary")["href"])


def job_refusal(page, answer):
    return page(answer.location).words("#job .message")


def kept(app):
    return sorted(Path(app.config["VIRTUE_DATA_DIR"], "registers").iterdir())


def test_a_dry_run_reports_and_writes_nothing(app, clerk):
    with unchanged(app):
        report = report_page(clerk, upload(clerk, book([WANG, LI])))
    assert report.words("h1") == "试导入结果"
    assert report.rows("#counts-1") == [["1户（2人）", "0户", "0户", "0户", "0户"]]
    assert "没有读取、也不保存的栏：身份证号、备注。" in report.words("#files")
    assert "联系电话没有保存" in report.words("#files")
    assert "王建国" not in repr(db.session.execute(sa.select(Job.params, Job.result)).all())


def test_confirming_imports_what_was_read(app, clerk):
    report = report_page(clerk, upload(clerk, book([WANG, LI])))
    done = report_page(clerk, clerk.submit(report.select_one("main form")))
    assert (done.words("h1"), done.words(".message-good")) == ("导入结果", "导入好了。")
    assert db.session.scalars(sa.select(Member.name).order_by(Member.id)).all() == ["王建国", "李秀英"]
    assert done.select("main form") == []


def test_confirming_twice_imports_once(app, clerk):
    report = report_page(clerk, upload(clerk, book([WANG])))
    form = report.select_one("main form")
    first = clerk.submit(form)
    with unchanged(app):
        assert clerk.submit(form).location == first.location


def test_the_same_file_again_has_nothing_to_import(app, clerk):
    clerk.submit(report_page(clerk, upload(clerk, book([WANG]))).select_one("main form"))
    report = report_page(clerk, upload(clerk, book([WANG])))
    assert report.words(".message-good") == "和系统里的一样，不用导入。"
    assert report.select("main form") == []


def test_the_workbook_is_gone_and_what_is_kept_is_private_to_the_server(app, clerk):
    upload(clerk, book([WANG, LI, *BAD]))
    files = kept(app)
    assert [path.suffix for path in files] == [".report", ".rows"]
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        content = path.read_text()
        assert "王建国" in content or path.suffix == ".report"
        for private in ("620622", "低保户", "19912345678", "1970-03-09", "1971-05-06"):
            assert private not in content


def test_mistakes_are_told_by_row_and_column(app, clerk):
    with unchanged(app):
        report = report_page(clerk, upload(clerk, book([WANG, *BAD])))
    assert report.rows("#problems table") == [
        ["清水村.xlsx 花名册第5行“出生日期”：", "没有这一天。请核对出生日期。"]]  # fmt: skip
    assert report.rows("#counts-1") == [["1户（1人）", "0户", "0户", "0户", "1户"]]


def test_households_without_mistakes_can_go_first(app, clerk):
    report = report_page(clerk, upload(clerk, book([WANG, *BAD])))
    done = report_page(clerk, clerk.submit(report.select_one("main form")))
    assert done.words("h1") == "导入结果"
    assert db.session.scalars(sa.select(Household.code)).all() == ["0101"]


def test_the_workbook_to_correct_can_be_imported_once_corrected(app, clerk):
    report = report_page(clerk, upload(clerk, book([WANG, *BAD])))
    content = clerk.raw("GET", report.select_one("#problems a")["href"]).data
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows == [
        ["网格", "户编号", "户主姓名", "姓名", "与户主关系", "性别", "出生年月", "要改的地方"],
        ["第1网格", "0102", "赵四", "赵四", "户主", "男", "1970-02-30", "没有这一天。请核对出生日期。"],
        [None, None, None, "钱三妹", "配偶", "女", "1971-05", None],
    ]
    sheet["G4"] = "1970-02"
    out = io.BytesIO()
    sheet.parent.save(out)
    reading = read_registers([("a.xlsx", out.getvalue())], today=TODAY)
    (household,) = reading.by_village()["清水村"]
    assert (reading.problems, [m.name for m in household.members]) == ([], ["赵四", "钱三妹"])


def test_no_formula_gets_into_the_workbook_to_correct(app, clerk):
    report = report_page(clerk, upload(clerk, book([line("'=HYPERLINK(1)", code="0102")])))
    content = clerk.raw("GET", report.select_one("#problems a")["href"]).data
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {cell.data_type for row in sheet.iter_rows(min_row=3) for cell in row} <= {"s", "n"}


def test_no_file_is_asked_for(app, clerk):
    answer = clerk.submit(clerk("/households/import").select_one("main form"), 422)
    assert answer.words(".form-error") == "请先选择花名册文件。"


def test_a_refused_file_says_why(app, clerk):
    with unchanged(app):
        report = report_page(clerk, upload(clerk, b"%PDF", name="名册.pdf"))
    assert report.words(".message-bad") == "名册.pdf：只能导入.xlsx、.xls和.csv文件。"
    assert report.select("main form") == []


def test_another_village_s_register_is_refused_unless_meant(app, clerk):
    other = book([WANG], above=["填表单位：甲村村委会"])
    report = report_page(clerk, upload(clerk, other, name="甲村.xlsx"))
    assert "这是甲村的花名册，不是清水村的" in report.words(".message-bad")
    report = report_page(clerk, upload(clerk, other, name="甲村.xlsx", as_here="yes"))
    assert report.words("#villages h2") == "清水村"


def test_a_register_that_names_no_village_is_ours(app, clerk):
    report = report_page(clerk, upload(clerk, book([WANG], above=["花名册"]), name="名册.xlsx"))
    assert report.words("#villages h2") == "清水村"


def test_an_hour_later_it_must_be_read_again(app, clerk):
    answer = upload(clerk, book([WANG]))
    report = report_page(clerk, answer)
    for path in kept(app):
        if path.suffix == ".rows":
            os.utime(path, (time.time() - 3601,) * 2)
    with unchanged(app):
        late = clerk.submit(report.select_one("main form"), 422)
    assert "已经超过一小时" in late.words(".form-error")
    for path in kept(app):
        os.utime(path, (time.time() - 3601,) * 2)
    clerk("/households/import")
    assert kept(app) == []
    clerk(clerk.client.get(answer.location).request.path, 200)


def test_rows_that_vanish_while_the_job_waits_fail_it_with_a_sentence(app, clerk, monkeypatch):
    report = report_page(clerk, upload(clerk, book([WANG])))
    monkeypatch.setattr(keeping, "find_reading", lambda token, village_id: None)
    with unchanged(app):
        answer = clerk.submit(report.select_one("main form"))
    assert "已经超过一小时" in job_refusal(clerk, answer)


def test_what_another_village_read_is_not_found(app, clerk, visitor):
    token = keeping_token(clerk, book([WANG]))
    stranger = visitor().sign_in(village_admin(VillageFactory(name="甲村", slug="jia")))
    for address in (f"/households/import/{token}", f"/households/import/{token}/to-correct.xlsx"):
        stranger(address, 404)
    stranger("/households/import")
    stranger.post(f"/households/import/{token}", {}, 404)


def keeping_token(page, content):
    return page(upload(page, content).location).select_one("#job a.btn-primary")["href"].rpartition("/")[2]


@pytest.mark.parametrize("token", ["x" * 32, "../" + "a" * 29, "0" * 32, "short"])
def test_a_token_that_is_none_is_not_found(app, clerk, token):
    clerk(f"/households/import/{token}", 404)


def test_a_keeper_may_not_import(app, page, village):
    page.sign_in(keeper(village))
    page("/desk")
    page("/households/import", 403)
    page.post("/households/import", {}, 403)


def test_a_change_in_between_is_seen_at_the_write(app, clerk, village):
    report = report_page(clerk, upload(clerk, book([WANG, LI])))
    other = report_page(clerk, upload(clerk, book([WANG])))
    clerk.submit(other.select_one("main form"))
    with atomic():
        db.session.execute(sa.update(Household).values(state="ended", ended_on=TODAY))
    with unchanged(app):
        done = report_page(clerk, clerk.submit(report.select_one("main form")))
    assert done.words("h1") == "试导入结果"
    assert done.rows("#problems table") == [
        ["清水村.xlsx 花名册第4行：", "户编号0101这一户已经注销，花名册里又有它。"]]  # fmt: skip
