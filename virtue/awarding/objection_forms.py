"""What the objection pages read from their forms."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from virtue.awarding.forms import BAD_DATE, FILL_IN
from virtue.awarding.line_subjects import Subject
from virtue.awarding.words import CAME_BY
from virtue.quantities import parse_whole

AT_THE_DESK = ("spoken", "desk", "paper")


class ObjectionForm(FlaskForm):
    """An objection that staff take down."""

    notice = StringField(_l("第几号公示"), [FILL_IN])
    line = StringField(_l("第几行"), [FILL_IN])
    came_by = SelectField(_l("怎么提的"), choices=[SelectChoice(name, CAME_BY[name]) for name in AT_THE_DESK])
    words = TextAreaField(_l("哪里不对"), [FILL_IN, Length(max=500, message=_l("太长了。"))])
    received_on = DateField(_l("哪天收到"), [InputRequired(BAD_DATE)])
    code = StringField(_l("谁提的：农户（卡号、户号或 3-0147）"), [Optional(), Length(max=60)])
    outsider = StringField(_l("或外村人的姓名"), [Optional(), Length(max=40, message=_l("太长了。"))])

    def validate_notice(self, notice: StringField) -> None:
        """A number."""
        if parse_whole(notice.data, most=99_999) is None:
            raise ValidationError(_("请填数字。"))

    def validate_line(self, line: StringField) -> None:
        """A number."""
        if parse_whole(line.data, most=99_999) is None:
            raise ValidationError(_("请填数字。"))


class VerdictForm(FlaskForm):
    """How an objection is settled."""

    state = RadioField(
        _l("处理结果"),
        [InputRequired(_l("请选一项。"))],
    )
    points = StringField(_l("对的分数（只在改分时填）"), [Optional()])
    reason = TextAreaField(_l("理由（双方都会看到，不写是谁提的）"), [FILL_IN, Length(max=300, message=_l("太长了。"))])
    corrected = BooleanField(_l("本户要更正：在公示的地方贴一样长的时间"))

    def ask_about(self, subject: Subject) -> None:
        """The verdicts that this kind of line has."""
        self.state.choices = [SelectChoice(name, words) for name, words in subject.outcomes.items()]

    def validate_points(self, points: StringField) -> None:
        """A whole number, where one is needed."""
        if parse_whole(points.data) is None:
            raise ValidationError(_("分数要填 1 到 999 的整数。"))
