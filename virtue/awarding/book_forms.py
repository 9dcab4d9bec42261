"""Forms of the rulebook's way: each step's fields; a rule with every column."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from virtue.awarding.forms import BAD_DATE, FILL_IN
from virtue.quantities import parse_whole

TOO_LONG = _l("太长了。")
MOST_PEOPLE = 99_999


class DraftForm(FlaskForm):
    """A new draft: from what, under which name."""

    source = RadioField(
        _l("从哪里开始"),
        choices=[
            ("current", _l("现行的这一版")),
            ("starter", _l("起步 16 项")),
            ("full", _l("全县 66 项")),
            ("file", _l("自己的文件")),
        ],
        default="current",
    )
    file = FileField(_l("细则文件（CSV 或 Excel）"))
    name = StringField(_l("名称"), [FILL_IN, Length(max=60, message=TOO_LONG)])


class NameForm(FlaskForm):
    """A draft's name."""

    name = StringField(_l("名称"), [FILL_IN, Length(max=60, message=TOO_LONG)])


class UntilForm(FlaskForm):
    """Comments are open through this day."""

    day = DateField(_l("征求意见到哪一天"), [InputRequired(BAD_DATE)])


class PaperForm(FlaskForm):
    """The township's paper."""

    number = StringField(_l("镇里批复的文号"), [FILL_IN, Length(max=60, message=TOO_LONG)])
    day = DateField(_l("批复日期"), [InputRequired(BAD_DATE)])


class VoteForm(FlaskForm):
    """The villagers' vote."""

    day = DateField(_l("表决日期"), [InputRequired(BAD_DATE)])
    present = StringField(_l("到会人数"), [FILL_IN])
    in_favour = StringField(_l("赞成人数"), [FILL_IN])
    women_present = StringField(_l("到会妇女人数"), [FILL_IN])

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Whole numbers of people."""
        is_valid = bool(super().validate(extra_validators))
        for field in (self.present, self.in_favour, self.women_present):
            if field.data and self.number(field.name) is None:
                field.errors = [*field.errors, str(_l("要填整数。"))]
                is_valid = False
        return is_valid

    def number(self, name: str) -> int | None:
        """The number in a field."""
        return parse_whole(self[name].data, most=MOST_PEOPLE, least=0)


class FilingForm(FlaskForm):
    """The filing number."""

    number = StringField(_l("备案文号"), [FILL_IN, Length(max=60, message=TOO_LONG)])


class StartForm(FlaskForm):
    """From which day a book counts."""

    day = DateField(_l("从哪天起"), [InputRequired(BAD_DATE)])


class WhyForm(FlaskForm):
    """A reason."""

    why = StringField(_l("理由"), [FILL_IN, Length(max=200, message=TOO_LONG)])


class CommentForm(FlaskForm):
    """A comment that is taken down."""

    speaker = StringField(_l("谁提的"), [FILL_IN, Length(max=40, message=TOO_LONG)])
    words = TextAreaField(_l("提了什么"), [FILL_IN, Length(max=500, message=TOO_LONG)])


class RowForm(FlaskForm):
    """A rule's picture; its columns are read as texts (``rule_check``), so that one law holds for form and file."""

    photo = FileField(_l("图片"), [Optional()])
