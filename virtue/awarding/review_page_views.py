"""What the review pages show: the queue and its filters, several deeds of one kind, one deed, and the way to the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response

from virtue import access, clock, formatting, pages
from virtue.awarding import amending, caps, deciding, photo_queries, queries
from virtue.awarding.errors import NotByThePiece, OutOfRange, ReasonNeeded
from virtue.awarding.models import Deed, DeedState
from virtue.awarding.views import is_htmx
from virtue.awarding.words import STATES, STEPS
from virtue.core import keys, remarks, settings
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.quantities import parse_id, parse_whole
from virtue.staff import queries as staff

AGES = (1, 3, 7, 14)
"""Days of waiting to filter by."""

LONG = 7
"""From so many days on the waiting is marked."""


@dataclass(frozen=True)
class Filters:
    """Which part of the queue is worked through; kept in the address from deed to deed."""

    grid_id: int | None = None
    rule_code: str = ""
    days: int = 0

    @classmethod
    def asked(cls) -> "Filters":
        """As the address has them."""
        days = request.args.get("days", 0, type=int)
        return cls(pages.number_asked("grid"), request.args.get("rule", "")[:12], days if days in AGES else 0)

    @property
    def args(self) -> dict[str, Any]:
        """For an address."""
        found = {"grid": self.grid_id, "rule": self.rule_code, "days": self.days}
        return {name: value for name, value in found.items() if value}

    def url(self) -> str:
        """The queue's address."""
        return url_for("awarding.review", **self.args)

    def query(self) -> Select[Deed]:
        """The deeds that are meant."""
        return queries.review_queue(
            access.village().id, access.by(), grid_id=self.grid_id, rule_code=self.rule_code, waiting_days=self.days
        )


@dataclass
class Typed:
    """What was typed on a deed's page, and what is wrong with it, by field; ``action``: whose form it is."""

    action: str = ""
    why: str = ""
    story: str = ""
    points_text: str = ""
    points: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, action: str) -> "Typed":
        """Read the form that was sent."""
        form = request.form
        typed = cls(action, form.get("why", "")[:200], form.get("story", "")[:40], form.get("points", "")[:9])
        points = parse_whole(typed.points_text) if action == "amend" else 0
        if points is None:
            typed.errors["points"] = _("分数要填 1 到 999 的整数。")
        else:
            typed.points = points
        return typed

    def refuse(self, error: BrokenRule) -> None:
        """Put a refusal at its field, or on top."""
        at_field = {ReasonNeeded: "why", OutOfRange: "points", NotByThePiece: "points"}
        self.errors[at_field.get(type(error), "form")] = str(error)


def ticked() -> list[int]:
    """The ids of the deeds that were ticked, each once."""
    numbers = map(parse_id, request.values.getlist("deed"))
    return list(dict.fromkeys(number for number in numbers if number is not None))


def queue(error: str | None = None) -> str:
    """The page with the queue; its list alone for htmx."""
    village_id, filters = access.village().id, Filters.asked()
    page = pages.paged(filters.query(), request.args.get("page", 1, type=int))
    return render_template(
        "awarding/_review_list.html" if is_htmx() else "awarding/review.html", page=page, error=error, filters=filters,
        grids=people.grids_of(village_id), rules=queries.rules_in_force(village_id), kinds=_kinds(filters), ages=AGES,
        ticked=set(ticked()), earlier=photo_queries.earlier_uses(village_id, page.rows), **_of_rows(page.rows),
    )  # fmt: skip


def decided() -> str:
    """The page with what was approved and isn't on a notice yet, or with what was rejected."""
    village_id, is_rejected = access.village().id, request.args.get("state") == "rejected"
    state = DeedState.REJECTED if is_rejected else DeedState.APPROVED
    page = pages.paged(queries.reviewed(village_id, access.by(), state), request.args.get("page", 1, type=int))
    return render_template(
        "awarding/review_decided.html", page=page, is_rejected=is_rejected, reasons=_last_reasons(page.rows),
        **_of_rows(page.rows),
    )  # fmt: skip


def together(rows: Sequence[Deed]) -> str:
    """The page that asks, in words, before several deeds of one kind are approved."""
    found = deciding.judge(access.village().id, [row.id for row in rows], by=access.by())
    by_id = {row.id: row for row in rows}
    good = [by_id[row.id] for row in found.rows]
    return render_template(
        "awarding/review_together.html", rows=good, key=keys.new(), filters=Filters.asked(),
        refused=_refusals(found.refused), total=sum(row.points for row in good), half=len(good) - len(found.whole),
        **_of_rows(rows),
    )  # fmt: skip


def say_together(result: dict[str, Any]) -> None:
    """Tell what came of several: how many went through, and who didn't, each by name."""
    count, half = len(result["approved"]), len(result["approved"]) - result["whole"]
    if count:
        flash(_("已同意 %(count)s 项。", count=count))
    if half:
        flash(_("其中 %(count)s 项还要另一位评议员同意。", count=half))
    for sentence in _refusals(result["refused"]):
        flash(sentence, "warn")


def deed(found: Deed, *, typed: Typed | None = None, name: str | None = None) -> str:
    """The page of one deed; its section alone for htmx."""
    village_id, filters = access.village().id, Filters.asked()
    before, after = _neighbours(filters, found.id)
    return render_template(
        "awarding/_review_deed.html" if is_htmx() else "awarding/review_deed.html", deed=found, typed=typed or Typed(),
        key=keys.new(), name=name, household=people.find_household(village_id, found.household_id), states=STATES,
        caps=_caps(found), same=queries.same_rule_this_year(found), signed=queries.approvals(found.id), filters=filters,
        earlier=photo_queries.earlier_uses(village_id, [found]).get(found.id, []), before=before, after=after,
        bar=deciding.find_bar(found, by=access.by()), allowed=amending.range_of(found), waited=waited(found), long=LONG,
        two_from=settings.value("two_reviewers_from", village_id), oob=is_htmx(), **steps(found),
    )  # fmt: skip


def steps(found: Deed) -> dict[str, Any]:
    """A deed's steps, with the words and names in them, and its photo."""
    rows = queries.steps_of([found.id])[found.id]
    return {
        "steps": rows, "texts": remarks.texts([found.remark_id, *(step.remark_id for step in rows)]), "step_words": STEPS,
        "names": staff.names_of({step.by_id for step in rows} | {found.proposed_by_id}),
        "photo": queries.photo_name(found.photo_id),
    }  # fmt: skip


def say(found: Deed, action: str, result: dict[str, Any]) -> None:
    """Tell what was done."""
    if action == "approve" and result["state"] == DeedState.PROPOSED:
        flash(_("已同意：%(rule)s。还要另一位评议员同意。", rule=formatting.rule_name(found)))
    elif action == "amend":
        flash(_("已改成 %(points)s 分，要重新同意。", points=result["points"]))
    else:
        flash(_("已办：%(rule)s，%(state)s。", rule=formatting.rule_name(found), state=STATES[result["state"]]))


def onward(deed_id: int, *, stays: bool) -> Response:
    """To the next deed of the queue (the same one, if it ``stays``); to the queue when there is none."""
    filters = Filters.asked()
    # From the last one back to what was left before it.
    next_id = deed_id if stays else _neighbours(filters, deed_id)[1] or _neighbours(filters, 0)[1]
    url = url_for("awarding.review_deed", deed_id=next_id, **filters.args) if next_id else filters.url()
    if not is_htmx():
        return redirect(url, 303)
    found = queries.find_deed(access.village().id, next_id) if next_id else None
    if found is None:
        response = make_response("")
        response.headers["HX-Redirect"] = url
        return response
    response = make_response(deed(found))
    response.headers["HX-Push-Url"] = url
    return response


def waited(found: Deed) -> int:
    """For how many days a deed has been waiting."""
    return (clock.today() - clock.day_of(found.proposed_at)).days


def _neighbours(filters: Filters, deed_id: int) -> tuple[int | None, int | None]:
    """The deeds before and after one in the queue."""
    rows = filters.query().order_by(None).subquery()
    before = select(func.max(rows.c.id)).where(rows.c.id < deed_id)
    after = select(func.min(rows.c.id)).where(rows.c.id > deed_id)
    return db.session.scalar(before), db.session.scalar(after)


def _kinds(filters: Filters) -> list[tuple[str, str, int]]:
    """What stands in the queue, by rule: code, name, how many; the most first."""
    rows = Filters(filters.grid_id, days=filters.days).query().order_by(None).subquery()
    count = func.count()
    found = db.session.execute(
        select(
            rows.c.rule_code,
            func.max(rows.c.rule_name).label("rule_name"),
            func.max(rows.c.rule_name_en).label("rule_name_en"),
            count.label("many"),
        )
        .group_by(rows.c.rule_code)
        .order_by(count.desc(), rows.c.rule_code)
    )
    return [(row.rule_code, formatting.rule_name(row), row.many) for row in found]


def _of_rows(rows: Sequence[Deed]) -> dict[str, Any]:
    return {
        "households": people.households_by_ids({row.household_id for row in rows}), "states": STATES,
        "names": staff.names_of({row.proposed_by_id for row in rows}), "waited": waited, "long": LONG,
        "words": remarks.texts([row.remark_id for row in rows]),
        "photos": photo_queries.photo_names(row.photo_id for row in rows),
        "two_from": settings.value("two_reviewers_from", access.village().id),
    }  # fmt: skip


def _last_reasons(rows: Sequence[Deed]) -> dict[int, str]:
    """The latest words written beside a step of each deed."""
    of = queries.steps_of([row.id for row in rows])
    texts = remarks.texts([step.remark_id for steps_ in of.values() for step in steps_])
    return {
        deed_id: next((texts.get(step.remark_id or 0, "") for step in reversed(steps_) if step.remark_id), "")
        for deed_id, steps_ in of.items()
    }


def _refusals(refused: dict[str, str]) -> list[str]:
    """Who couldn't be approved and why, each by name; what isn't this village's has none."""
    rows = queries.deeds_of_ids(access.village().id, [int(deed_id) for deed_id in refused])
    households = people.households_by_ids({row.household_id for row in rows})
    return [
        _("没有同意：%(who)s。%(why)s", who=_who(households[row.household_id]), why=deciding.why_not(refused[str(row.id)]))
        for row in rows
    ]  # fmt: skip


def _who(household: Household) -> str:
    return _("%(name)s家（尾号%(tail)s）", name=formatting.mask_name(household.head_name), tail=household.tail)


def _caps(found: Deed) -> list[tuple[str, int, int]]:
    """The household's caps under the rule: which, how much of it is used (open deeds counted), how much there is."""
    rule, home, code = found.rule, found.household_id, found.rule_code
    used = caps.usage([home], [found.month], with_open=True, with_years=True, with_ever=rule.cap_ever is not None)
    month = used.in_month(home, code, found.month)
    year = used.in_year(home, code, found.happened_on.year)
    lines = [
        (formatting.month_name(found.month), month, rule.cap_month),
        (_("%(year)s年", year=found.happened_on.year), year, rule.cap_year),
        (_("一共"), used.ever.get((home, code), 0), rule.cap_ever),
    ]
    return [(word, counted, most) for word, counted, most in lines if most is not None]
