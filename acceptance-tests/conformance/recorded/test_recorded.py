"""local-aws answers as AWS was recorded to answer, but for differences that are accepted with a reason."""

import pytest

from facts import all_facts

FACTS = list(all_facts())


@pytest.mark.parametrize("fact", FACTS, ids=[f"{fact['topic']}: {fact['fact']}" for fact in FACTS])
def test_a_fact_is_as_recorded(fact, replay):
    wrong = replay(fact)
    if fact["accepted"]:
        assert wrong, f"this agrees by now: take it off accepted.yaml ({fact['accepted']})"
    else:
        assert not wrong, "\n".join(wrong)
