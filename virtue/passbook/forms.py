"""Forms of the passbook. What a PIN must be is people's rule; here only that something was typed."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

FILL_IN = InputRequired(_l("这里要填。"))
SHORT = Length(max=40, message=_l("太长了。"))


class PinForm(FlaskForm):
    """The household's PIN, or the printed one on its first use."""

    pin = PasswordField(_l("密码（4到6位数字）"), [FILL_IN, SHORT])


class FirstPinForm(FlaskForm):
    """A PIN of one's own, twice."""

    pin = PasswordField(_l("自己的新密码"), [FILL_IN, SHORT])
    again = PasswordField(_l("新密码，再输一遍"), [FILL_IN, SHORT])

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same."""
        if field.data != self.pin.data:
            raise ValidationError(_l("两遍输的不一样。"))


class NewPinForm(FirstPinForm):
    """The present PIN, and the new one twice."""

    old = PasswordField(_l("现在的密码"), [FILL_IN, SHORT])
