"""The audit trail as a workbook. Texts are written as texts: no formula, no lost zeros."""

import io
from collections.abc import Iterable

import xlsxwriter
from flask_babel import gettext

from virtue import clock
from virtue.office.actions import in_words, sentence
from virtue.office.queries import Trace


def audit_workbook(found: Iterable[Trace]) -> bytes:
    """The rows of the trail, one a line."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True, "constant_memory": True})
    sheet = book.add_worksheet(gettext("留痕"))
    heads = (gettext("时间"), gettext("谁"), gettext("办了什么"), gettext("户号"), gettext("细节"), gettext("原因"))
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head)
    for number, trace in enumerate(found, 1):
        local = trace.row.recorded_at.astimezone(clock.SHANGHAI)
        cells = (
            f"{local:%Y-%m-%d %H:%M:%S}", trace.who, sentence(trace.row.action),
            trace.household.code if trace.household else "", details(trace), trace.why,
        )  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text)
    book.close()
    return output.getvalue()


def details(trace: Trace) -> str:
    """The codes and numbers of a row, as they are kept."""
    return in_words(trace.row.subject, trace.row.subject_id, trace.row.details)
