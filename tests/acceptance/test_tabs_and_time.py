# SPDX-License-Identifier: Apache-2.0
"""What browsers do: two tabs, the Back button, a page left open too long, a code typed late or wrong."""
import re

from steps import CODE, PASSWORD, USERNAME, aged, at, give_code, give_password, known, sign_in

SOMYING = "สมหญิง รักไทย"


def test_two_tabs_work_independently(stack, browser):
    somying = stack.sandbox("somying")
    context = browser()
    one, two = context.new_page(), context.new_page()
    one.goto(stack.revenue + "/")
    two.goto(stack.excise + "/")
    give_password(one, somying)
    give_password(two, somying)
    one.locator(CODE).wait_for()
    two.locator(CODE).wait_for()
    give_code(one, somying)
    assert known(one, stack.revenue) == SOMYING
    give_code(two, somying)
    assert known(two, stack.excise) == SOMYING


def test_second_tab_goes_on_after_the_first_signed_in(stack, browser):
    somying = stack.sandbox("somying")
    context = browser()
    one, two = context.new_page(), context.new_page()
    two.goto(stack.excise + "/")
    two.locator(PASSWORD).wait_for()
    one.goto(stack.revenue + "/")
    sign_in(one, somying)
    assert known(one, stack.revenue) == SOMYING
    two.reload()
    if two.locator(PASSWORD).count():
        sign_in(two, somying)
    assert known(two, stack.excise) == SOMYING


def test_back_from_the_code_to_another_name(stack, browser):
    page = browser().new_page()
    page.goto(stack.revenue + "/")
    give_password(page, stack.citizen("somchai"))
    page.locator(CODE).wait_for()
    page.go_back()
    if page.locator(PASSWORD).count() == 0:
        page.reload()
    if page.locator(PASSWORD).count():
        sign_in(page, stack.sandbox("somying"))
    else:
        page.locator(CODE).wait_for()
        give_code(page, stack.citizen("somchai"))
    assert known(page, stack.revenue) in (SOMYING, "สมชาย ใจดี")


def test_back_after_sign_in_is_no_dead_end(stack, browser):
    page = browser().new_page()
    page.goto(stack.revenue + "/")
    sign_in(page, stack.sandbox("somying"))
    assert known(page, stack.revenue) == SOMYING
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("a, button").count() > 0
    assert "เกิดข้อผิดพลาดภายใน" not in page.inner_text("body")
    page.goto(stack.revenue + "/")
    assert known(page, stack.revenue) == SOMYING


def test_expired_transaction_offers_a_new_start(stack, browser):
    somying = stack.sandbox("somying")
    page = browser().new_page()
    page.goto(stack.revenue + "/")
    page.locator(PASSWORD).wait_for()
    old = aged(stack, page)
    page.evaluate("old => document.querySelectorAll('[name=t]').forEach(field => { field.value = old })", old)
    give_password(page, somying)
    page.wait_for_load_state()
    assert page.locator(PASSWORD).count() == 0
    page.locator("main a, main button").first.click()
    sign_in(page, somying)
    assert known(page, stack.revenue) == SOMYING


def test_wrong_password_says_so_and_keeps_the_name(stack, browser):
    newcomer = stack.newcomer()
    page = browser().new_page()
    page.goto(stack.revenue + "/")
    give_password(page, newcomer, password="not the password at all")
    page.locator("[role=alert]").wait_for()
    assert page.locator(PASSWORD).input_value() == ""
    assert page.locator(USERNAME).input_value() == newcomer.login


def test_unknown_name_looks_like_a_wrong_password(stack, browser):
    known_name, words = stack.newcomer().login, []
    unknown_name = known_name.replace("newcomer", "nobody")
    for login in (known_name, unknown_name):
        page = browser().new_page()
        page.goto(stack.excise + "/")
        give_password(page, None, login=login, password="not the password at all")
        page.locator("[role=alert]").wait_for()
        words.append(re.sub("[A-Za-z0-9_-]{200,}", "", page.content().replace(login, "")))
    assert words[0] == words[1]


def test_wrong_code_can_be_tried_again(stack, browser):
    somying = stack.sandbox("somying")
    page = browser().new_page()
    page.goto(stack.excise + "/")
    give_password(page, somying)
    page.locator(CODE).wait_for()
    give_code(page, somying, code="000000")
    page.locator("[role=alert], [aria-invalid=true]").first.wait_for()
    give_code(page, somying)
    assert known(page, stack.excise) == SOMYING
