"""Titles and honours in words."""

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from virtue.honours.title_models import Title

LEVELS = {"village": _l("村级"), "township": _l("镇级"), "county": _l("县级")}
STATES = {"entered": _l("待核对"), "confirmed": _l("已核对"), "dropped": _l("已撤掉"), "revoked": _l("已取消")}
KINDS = {"entered": "warn", "confirmed": "good", "dropped": "", "revoked": "bad"}
"""How a state's badge looks."""
PURPOSES = {"name": _l("姓名和称号"), "portrait": _l("照片")}
HOWS = {"signed": _l("签了字"), "by_mouth": _l("当面说的"), "passbook": _l("在积分存折里点的")}


def title_name(title: Title) -> str:
    """A title in the page's language, the official name where there is no other."""
    locale = get_locale()
    return title.name_en if locale is not None and locale.language == "en" and title.name_en else title.name
