"""Ids and times as they are kept: they sort as the moments do."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.records import ids

MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_times_sort_as_text_and_come_back(one, other):
    assert (ids.stamp(one) < ids.stamp(other)) == (one < other)
    assert ids.moment(ids.stamp(one)) == one


def test_ids_sort_by_the_time_they_were_made():
    made = [ids.new("dec") for _ in range(1_000)]
    assert made == sorted(set(made))


def test_the_first_and_the_last_moment_can_be_asked_for():
    assert ids.stamp(datetime.fromisoformat("0001-01-01T00:00:00+02:00")).startswith("0001-01-01")
    assert ids.stamp(datetime.fromisoformat("9999-12-31T23:59:59-02:00")).startswith("9999-12-31")


def test_a_time_is_kept_in_utc():
    assert ids.stamp(datetime.fromisoformat("2026-11-22T01:00:00+02:00")) == "2026-11-21T23:00:00.000000Z"
