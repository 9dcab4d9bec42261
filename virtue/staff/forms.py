"""Forms of staff."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

FILL_IN = InputRequired(_l("这里要填。"))


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(_l("用户名"), [FILL_IN, Length(max=100, message=_l("太长了。"))])
    password = PasswordField(_l("密码"), [FILL_IN, Length(max=500, message=_l("太长了。"))])


class PasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    old = PasswordField(_l("现在的密码"), [FILL_IN])
    new = PasswordField(_l("新密码"), [FILL_IN, Length(max=128, message=_l("太长了。"))])
    again = PasswordField(_l("新密码，再输一遍"), [FILL_IN])

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same."""
        if field.data != self.new.data:
            raise ValidationError(_l("两遍输的不一样。"))
