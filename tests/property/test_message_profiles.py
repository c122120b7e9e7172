"""The map from message to profile against a dict."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omnilab.engine.message_profiles import NEVER_SEEN, MessageProfiles

BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 40), st.integers(-1, 5)), max_size=30))


@given(BATCHES)
def test_it_answers_as_a_dict_does(batches):
    known: dict[int, int] = {}
    profiles = MessageProfiles()
    asked = np.arange(-1, 42)
    for batch in batches:
        known.update(batch)
        pairs = np.array(batch, dtype=np.int64).reshape(-1, 2)
        profiles.put(pairs[:, 0], pairs[:, 1])
        want = [known.get(message, NEVER_SEEN) for message in asked.tolist()]
        assert profiles.find(asked).tolist() == want
