"""The one list of values that stand for nobody, looked for in whole columns."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab._files.placeholders import PLACEHOLDERS, Placeholders, where_placeholders

KNOWN = [Placeholders(), Placeholders(keep=["0", "null"]), Placeholders(["Café"], defaults=False)]
# Listed values in another spelling, what the rules name, and anything.
VALUES = (
    st.sampled_from(PLACEHOLDERS).flatmap(
        lambda v: st.sampled_from([v, v.upper(), f' "{v}" ', f"{v}x", f"\v{v}\f", f"\u3000{v}"])
    )
    | st.sampled_from(
        ["", "0", "00-0", "{{ user.id }}", "{{x", "${a}", "%%b%%", "*|C|*", "<%= d %>",
         "[object X]", "[[e]]", "function (x) {}", "Function()", "fun", "CAF\xc9", "cafe",
         "\uff2e\uff35\uff2c\uff2c", "7", "0x1"]
    )
    | st.text(st.sampled_from("0-_ 1aZ{}[]%$*|<>é\u3000'\"\t"), max_size=6)
    | st.text(max_size=8)
    | st.none()
)  # fmt: skip


@given(st.lists(VALUES, max_size=30), st.sampled_from(KNOWN))
def test_a_column_is_looked_through_as_value_by_value(values, known):
    wanted = [value in known for value in values]
    for kind in (pa.string(), pa.large_string()):
        assert where_placeholders(pa.array(values, kind), known).to_pylist() == wanted


@pytest.mark.parametrize(
    "value",
    ["Not Logged In", "gast", "Walk-In Customer", "#N/A N/A", "-1.#IND", "(none)", "guest user",
     "noreply@example.com", "undefined", "0.0", "--", "?"],
)  # fmt: skip
def test_what_shops_and_tables_write_for_nobody(value):
    assert value in Placeholders()
