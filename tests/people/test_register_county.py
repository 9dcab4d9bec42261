"""The eighteen registers of the county, read exactly."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from virtue.people.register.households import Household
from virtue.people.register.parsing import Reading, read_registers

REGISTERS = Path(__file__).parents[1] / "data" / "registers"
EXPECTED = json.loads((REGISTERS / "expected.json").read_text())
FILES = sorted(REGISTERS.glob("*.xlsx"))


@pytest.fixture(scope="module")
def county() -> Reading:
    files = [(path.name, path.read_bytes()) for path in FILES]
    return read_registers(files, today=date(2026, 11, 24))


def minors(households: list[Household], on: date) -> int:
    """Who is or, with only the month known, may still be under eighteen."""
    return sum(
        (member.birth_year or 0, member.birth_month or 12) >= (on.year - 18, on.month)
        for household in households
        for member in household.members
    )


@pytest.mark.parametrize("index", range(18), ids=[entry["village"] for entry in EXPECTED])
def test_each_village_is_read_as_expected(county, index):
    register = county.registers[index]
    grids = Counter(household.grid for household in register.households)
    assert {
        "village": register.village,
        "households": len(register.households),
        "people": register.people,
        "grids": len(grids),
        "minors": minors(register.households, date(2026, 11, 24)),
        "households_by_grid": dict(grids),
    } == EXPECTED[index]


def test_the_county_has_no_mistakes_and_no_notes(county):
    assert county.refused == []
    assert county.problems == []
    assert [note for register in county.registers for note in register.notes] == []
    assert sum(len(register.households) for register in county.registers) == 15_300
    assert sum(register.people for register in county.registers) == 62_400
    assert sum(len({h.grid for h in register.households}) for register in county.registers) == 227


def test_each_household_has_one_head_named_in_its_first_row(county):
    for register in county.registers:
        for household in register.households:
            heads = [member.name for member in household.members if member.is_head]
            assert heads == [household.named_head]


def test_the_report_names_what_was_left_out(county):
    for register in county.registers:
        assert register.village_from == "unit"
        assert register.forbidden == ["身份证号", "备注"]
        assert register.ignored == ["序号"]
        assert register.phones_dropped


def test_nothing_read_holds_an_id_number_a_remark_or_a_phone(county):
    everything = repr(county.registers)
    for private in ("620622", "199****", "残疾", "低保", "党员", "现役军人", "在校大学生"):
        assert private not in everything


def test_names_have_no_blanks(county):
    assert all(
        member.name.isalpha()
        for register in county.registers
        for household in register.households
        for member in household.members
    )
