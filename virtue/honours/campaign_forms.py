"""What the campaign's forms read."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Length, Optional

from virtue.errors import BrokenRule
from virtue.honours.campaign_words import HOWS, TIES
from virtue.honours.campaigns import NewCampaign
from virtue.quantities import parse_whole

FILL_IN = InputRequired(_l("请填这一项。"))
LONG = Length(max=600, message=_l("太长了。"))
DAY = InputRequired(_l("请填日期。"))
NUMBER = InputRequired(_l("请填数目。"))

FIELD_OF = {
    "UnknownTitle": "title", "GivenAbove": "title", "CampaignTextNeeded": "criteria", "CampaignWayUnknown": "how",
    "BadCampaignDays": "nominate_until", "BadCampaignSeats": "seats", "CampaignJudgesNeeded": "judges",
}  # fmt: skip
"""At which field a refusal stands."""


class Ticks(SelectMultipleField):
    """Several of a list, a box each."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class CampaignForm(FlaskForm):
    """What is said when a campaign opens, and holds until its end."""

    title = SelectField(_l("评哪个荣誉称号"), [FILL_IN], coerce=int)
    name = StringField(_l("评选名称"), [FILL_IN, LONG])
    criteria = TextAreaField(_l("评选条件"), [FILL_IN, LONG])
    how = RadioField(_l("怎么评"), choices=list(HOWS.items()), default="vote")
    seats = IntegerField(_l("名额"), [NUMBER], default=5)
    picks = IntegerField(_l("一张票最多选几位"), [NUMBER], default=3)
    tie = RadioField(_l("结果相同怎么办"), choices=list(TIES.items()), default="score")
    nominate_until = DateField(_l("推荐到哪一天"), [DAY])
    vote_until = DateField(_l("投票或打分到哪一天"), [DAY])
    shown_until = DateField(_l("上墙到哪一天"), [Optional()])
    judges = Ticks(_l("评委"), coerce=int, validate_choice=False)

    def read(self) -> NewCampaign:
        """What was typed, for the service."""
        data: dict[str, Any] = {name: value for name, value in self.data.items() if name != "csrf_token"}
        data["title_id"] = data.pop("title")
        return NewCampaign(**{**data, "judges": tuple(data["judges"] or ())})


def put(form: FlaskForm, error: BrokenRule) -> None:
    """Let a refusal stand at the field it is about."""
    field = form[FIELD_OF.get(error.code, "title")]
    field.errors = [*field.errors, str(error)]


def read_scores(form: Mapping[str, str]) -> dict[int, int]:
    """By nominee, what a judge typed; empty fields are left out, what is no number counts as too much."""
    found = {}
    for name, text in form.items():
        number = name.removeprefix("score-")
        if name.startswith("score-") and number.isdigit() and len(number) < 16 and text.strip():
            score = parse_whole(text, least=0, most=100)
            found[int(number)] = -1 if score is None else score
    return found
