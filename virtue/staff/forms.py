"""Forms of staff."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from virtue.staff.roles import ROLE_NAMES, VILLAGE_ROLES

FILL_IN = InputRequired(_l("这里要填。"))


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(_l("用户名"), [FILL_IN, Length(max=100, message=_l("太长了。"))])
    password = PasswordField(_l("登录密码"), [FILL_IN, Length(max=500, message=_l("太长了。"))])


class PasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    old = PasswordField(_l("现在的登录密码"), [FILL_IN])
    new = PasswordField(_l("新的登录密码"), [FILL_IN, Length(max=128, message=_l("太长了。"))])
    again = PasswordField(_l("新的登录密码，再输一遍"), [FILL_IN])

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same."""
        if field.data != self.new.data:
            raise ValidationError(_l("两遍输的不一样。"))


class RoleForm(FlaskForm):
    """A role to give; a grid only narrows a committee member's."""

    role = SelectField(_l("职责"), choices=[SelectChoice(role, ROLE_NAMES[role]) for role in VILLAGE_ROLES])
    grid = SelectField(_l("只管一个网格（妇联执委、网格员）"), coerce=int)

    def offer_grids(self, grids: list[Any]) -> None:
        """Let one of the village's grids be chosen; 0 is the whole village."""
        self.grid.choices = [SelectChoice(0, _l("全村")), *(SelectChoice(grid.id, grid.name) for grid in grids)]

    @property
    def grid_id(self) -> int | None:
        """The chosen grid."""
        return self.grid.data or None


class UserForm(RoleForm):
    """A new account."""

    username = StringField(_l("用户名"), [FILL_IN, Length(max=100, message=_l("太长了。"))])
    name = StringField(_l("姓名"), [FILL_IN, Length(max=40, message=_l("最多40个字。"))])
    role = None
    roles = SelectMultipleField(
        _l("职责"),
        [InputRequired(_l("至少选一项职责。"))],
        choices=[SelectChoice(role, ROLE_NAMES[role]) for role in VILLAGE_ROLES],
    )
