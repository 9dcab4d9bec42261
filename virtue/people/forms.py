"""Forms of people: a household's code and grid, a person."""

import re
import unicodedata
from typing import Self

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from virtue import clock
from virtue.core import settings
from virtue.people import codes, queries
from virtue.people.household_services import HEAD, Person
from virtue.people.models import Household, Member

RELATIONS = (
    "配偶", "儿子", "女儿", "父亲", "母亲", "公公", "婆婆", "岳父", "岳母", "儿媳", "女婿", "孙子", "孙女", "外孙",
    "外孙女", "祖父", "祖母", "兄弟", "姐妹", "家庭成员", "其他",
)  # fmt: skip
FILL_IN = InputRequired(_l("这里要填。"))
NAME = re.compile(
    r"[㐀-鿿\U00020000-\U0003ffff〇]{1,20}(?:·[㐀-鿿\U00020000-\U0003ffff]{1,20})*|[A-Za-z][A-Za-z .'-]{1,38}"
)


def squeezed(text: str | None) -> str | None:
    """What people type, without blanks inside Chinese and with full-width signs made plain."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().replace("•", "·").replace("・", "·")
    return plain if plain.isascii() else re.sub(r"\s+", "", plain)


class PersonForm(FlaskForm):
    """A member; of the birth date only year and month."""

    name = StringField(
        _l("姓名"),
        [
            FILL_IN,
            Length(max=40, message=_l("太长了。")),
        ],
        filters=[squeezed],
    )
    relation = SelectField(_l("与户主关系"), choices=RELATIONS)
    sex = RadioField(_l("性别"), [FILL_IN], choices=[("男", _l("男")), ("女", _l("女"))])
    birth_year = IntegerField(_l("出生年"), [Optional(), NumberRange(min=1900, message=_l("年份不对。"))])
    birth_month = IntegerField(_l("出生月"), [Optional(), NumberRange(1, 12, message=_l("月份是1到12。"))])
    phone = StringField(
        _l("手机号"),
        [Optional(), Regexp(r"1\d{10}$|0\d{2,3}-?\d{7,8}$", message=_l("电话号码不对。"))],
        filters=[squeezed],
    )

    def validate_name(self, field: StringField) -> None:
        """The whole of it must be a name."""
        if NAME.fullmatch(field.data or "") is None:
            raise ValidationError(_l("姓名只写汉字（或拼音），不写号码。"))

    def validate_birth_year(self, field: IntegerField) -> None:
        """Nobody is born in the future."""
        today = clock.today()
        if field.data is not None and (field.data, self.birth_month.data or 1) > (today.year, today.month):
            raise ValidationError(_l("还没到这个日期。"))

    def validate_birth_month(self, field: IntegerField) -> None:
        """A month needs its year."""
        if field.data is not None and self.birth_year.data is None:
            raise ValidationError(_l("填了月份也要填年份。"))

    @property
    def person(self) -> Person:
        """What was typed, as the services take it."""
        return Person(
            name=self.name.data, relation=self.relation.data if self.relation else HEAD, sex=self.sex.data, birth_year=self.birth_year.data,
            birth_month=self.birth_month.data, phone=(self.phone.data or None) if self.phone else None,
        )  # fmt: skip

    def fit(self, village_id: int) -> Self:
        """Leave the telephone out where the village keeps none."""
        if not settings.value("keep_phones", village_id):
            del self.phone
        return self


class MemberForm(PersonForm):
    """A member to correct, with the reason."""

    why = StringField(_l("更正原因"), [Optional(), Length(max=200, message=_l("太长了。"))])

    @classmethod
    def of(cls, member: Member) -> "MemberForm":
        """The form as the register has it; a relation that isn't in the list stays choosable."""
        form = cls(obj=member).fit(member.village_id)
        if member.is_head:
            del form.relation
        elif member.relation not in RELATIONS:
            form.relation.choices = [member.relation, *RELATIONS]
        return form


class CodeAndGrid(FlaskForm):
    """A household's code (户号) and grid."""

    code = StringField(_l("户号"), [FILL_IN, Length(max=40, message=_l("太长了。"))])
    grid_id = SelectField(_l("网格"), coerce=int)

    def validate_code(self, field: StringField) -> None:
        """4 to 17 digits, however they are typed; longer ones would be taken for a card's code."""
        digits = codes.clean(field.data)
        if not 4 <= len(digits) <= 17:
            raise ValidationError(_l("户号是4到17位数字。"))
        field.data = digits

    def offer_grids(self, village_id: int) -> Self:
        """Fill the list of grids."""
        self.grid_id.choices = [(grid.id, grid.name) for grid in queries.grids_of(village_id)]
        return self


class HouseholdForm(CodeAndGrid):
    """A household's code and grid, to correct."""

    why = StringField(_l("更正原因"), [Optional(), Length(max=200, message=_l("太长了。"))])

    @classmethod
    def of(cls, household: Household) -> "HouseholdForm":
        """The form as the register has it."""
        form = cls(obj=household)
        form.offer_grids(household.village_id)
        return form


class NewHouseholdForm(CodeAndGrid, PersonForm):
    """A new household with its householder."""

    relation = None  # type: ignore[assignment]
