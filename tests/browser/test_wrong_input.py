"""After a refused form the focus stands on the field to mend, and what was typed is still there."""

from tests.factories import PASSWORD, GridFactory, village_admin


def test_the_focus_goes_to_the_first_wrong_field(live, screen):
    clerk = village_admin(GridFactory().village)
    page = screen("phone")
    page.goto(live.url("/sign-in"))
    page.fill("[name=username]", clerk.username)
    page.fill("[name=password]", "wrong")
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".form-error")
    assert page.input_value("[name=username]") == clerk.username
    assert page.evaluate("document.activeElement.name") == "password"
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk")
    page.goto(live.url("/households/add"))
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
    page.fill("[name=code]", "12345678")
    page.click("main .btn-primary")
    page.wait_for_selector(".has-error")
    assert page.input_value("[name=code]") == "12345678"
    assert page.evaluate("document.activeElement.name") == "name"
