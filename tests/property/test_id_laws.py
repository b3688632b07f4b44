"""Laws of derived ids."""

from hypothesis import given
from hypothesis import strategies as st

from billing_core.values.ids import check_id, derive_id, derive_key, derive_reference

# Texts that look like the framing itself, beside any text at all.
texts = st.text(alphabet="si0123:abé", max_size=6) | st.text(max_size=20)
parts = st.lists(texts | st.integers(-(10**20), 10**20), min_size=1, max_size=5)


def typed(values: list[object]) -> list[tuple[type, object]]:
    """The values with their kinds: 1 is not "1"."""
    return [(type(value), value) for value in values]


@given(parts, parts)
def test_the_same_parts_and_no_others_give_the_same_key(left, right) -> None:
    """However the bounds between the parts fall."""
    assert (typed(left) == typed(right)) == (derive_key(*left) == derive_key(*right))


@given(parts, parts)
def test_joining_and_splitting_changes_the_key(left, right) -> None:
    """A list is not the text of its parts."""
    joined = "".join(map(str, left))
    if typed([joined]) != typed(left):
        assert derive_key(joined) != derive_key(*left)
    assert derive_key(*left, *right) != derive_key(*left)


@given(parts)
def test_whatever_is_derived_is_an_id(parts) -> None:
    """It passes the check for ids, in each purpose another."""
    made = [derive_id("inv", *parts), derive_id("att", *parts), derive_key(*parts), derive_reference(*parts)]

    assert made == [check_id(value, "id") for value in made]
    assert 4 == len({value[-26:] for value in made})
