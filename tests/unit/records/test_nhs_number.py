"""NHS numbers: the tenth digit checks the other nine (modulus 11, NHS Data Dictionary)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.nhs_number import compact, is_valid, spaced


@pytest.mark.parametrize(
    "text",
    [
        "9434765919",  # the example of the NHS Data Dictionary
        "943 476 5919",
        "943-476-5919",
        " 9434765919 ",
        "9990000018",
        "9990000026",
        "4010232137",
        "0000000000",  # its digits do check; that it is nobody's is not this function's to say
        "9434765870",  # check digit 11, written 0
    ],
)
def test_a_right_check_digit(text: str) -> None:
    assert is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9434765918",
        "9990000019",
        "943476591",
        "94347659190",
        "943476591X",
        "９４３４７６５９１９",
        "٩٤٣٤٧٦٥٩١٩",
        "943\n4765919",
        "943.476.5919",
        "+9434765919",
    ],
)
def test_no_nhs_number(text: str) -> None:
    assert not is_valid(text)


NINE = st.text("0123456789", min_size=9, max_size=9)


@given(NINE)
def test_at_most_one_tenth_digit_fits(nine: str) -> None:
    fitting = [d for d in "0123456789" if is_valid(nine + d)]
    remainder = sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11
    assert fitting == ([] if remainder == 1 else [str((11 - remainder) % 11)])


def numbers() -> st.SearchStrategy[str]:
    return NINE.flatmap(lambda nine: st.sampled_from([nine + d for d in "0123456789"])).filter(is_valid)


@given(numbers(), st.integers(0, 9), st.integers(1, 9))
def test_one_digit_mistyped_is_told(number: str, at: int, by: int) -> None:
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not is_valid(wrong)


@given(numbers(), st.integers(0, 8))
def test_two_neighbours_swapped_are_told(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert is_valid(swapped) == (swapped == number)


@given(numbers())
def test_spacing_is_3_3_4_and_can_be_undone(number: str) -> None:
    assert [len(part) for part in spaced(number).split(" ")] == [3, 3, 4]
    assert compact(spaced(number)) == number


def test_what_is_no_number_is_shown_as_it_is() -> None:
    assert spaced("12 34") == "12 34"
