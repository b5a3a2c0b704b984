"""Files of an instructor's own: what a spreadsheet saves is read, what is in doubt is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2l_ref.grading.classroom import stated
from l2l_ref.support.errors import InputError

ROWS = [["ann", "1"], ["Zoë 李", "2; or, more"]]


def write(tmp_path, content: bytes):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_save(tmp_path, encoding, separator, end):
    lines = [separator.join(f'"{cell}"' for cell in row) for row in ROWS]
    text = end.join([f"Time{separator} id", "", *lines, ""])
    rows = stated.rows_of(write(tmp_path, text.encode(encoding)), ("id", "time"))
    assert [[row.cells["time"], row.cells["id"]] for row in rows] == ROWS
    assert [row.where.partition("list.csv")[2] for row in rows] == [", line 3", ", line 4"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; its first line must be id,time"),
        (b"\n\n", "is empty"),
        (b"ann,2026-10-12\n", "first line must name each of the columns id,time once"),
        (b"id,time,id\n", "not so: id"),
        (b"id,time\nann\n", "line 2: 1 fields; the first line has 2"),
        (b"id,time\nann,1,2\n", "line 2: 3 fields"),
        (b'id,time\nann,"1\n', "line 2: unexpected end of data"),
        (b"id,time\n\xfc,1\n", "is not UTF-8"),
    ],
)
def test_what_is_no_table(tmp_path, content, said):
    with pytest.raises(InputError, match=said):
        stated.rows_of(write(tmp_path, content), ("id", "time"))


@pytest.mark.parametrize("name", ["", "none.csv"])
def test_what_is_no_file(tmp_path, name):
    with pytest.raises(InputError, match="cannot read"):
        stated.rows_of(tmp_path / name, ("id",))


SAME = [
    "2026-10-12T18:00+02:00",
    "2026-10-12T16:00Z",
    "2026-10-12T16:00:00.000000+00:00",
    "20261012T160000Z",
    "2026-10-12 18:00 +0200",
    "2026-10-12 18:00 +02:00",
    "2026-10-12 18:00:00.000 +0200",
    "2026-10-12 16:00 UTC",
    "2026-10-12 16:00:00 GMT",
    "2026-10-12T16:00 UTC",
    "2026-10-12 18:00 Europe/Berlin",
    "2026-10-12 12:00:00 America/New_York",
]


@pytest.mark.parametrize("text", SAME)
def test_ways_to_write_a_time(text):
    assert stated.moment(text, "here") == datetime(2026, 10, 12, 16)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-12 18:00", "names no time zone"),
        ("2026-10-12T18:00:00", "names no time zone"),
        ("2026-10-12", "is no time"),
        ("2026-10-12 UTC", "is no time"),
        ("12.10.2026 18:00 UTC", "is no time"),
        ("12/10/2026 18:00 UTC", "is no time"),
        ("2026-13-12 18:00 UTC", "is no time"),
        ("2026-02-29 18:00 UTC", "is no time"),
        ("soon", "is no time"),
        ("2026-10-12 18:00 CEST", "time zone 'CEST' is not known"),
        ("2026-10-12 18:00 ../UTC", "is not known"),
        ("2026-10-12 18:00 Europe", "is not known"),
        ("2026-10-25 02:30 Europe/Berlin", "comes twice or never"),
        ("2026-03-29 02:30 Europe/Berlin", "comes twice or never"),
        ("0001-01-01T00:00+10:00", "outside the calendar"),
    ],
)
def test_times_in_doubt(text, said):
    with pytest.raises(InputError, match=f"^list.csv, line 2: .*{said}"):
        stated.moment(text, "list.csv, line 2")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_an_offset_moves_a_time(time, minutes):
    zone = timezone(timedelta(minutes=minutes))
    here = time.replace(tzinfo=UTC).astimezone(zone)
    for text in (here.isoformat(), f"{here:%Y-%m-%d %H:%M:%S.%f %z}"):  # nbgrader's own form
        assert stated.moment(text, "") == time
