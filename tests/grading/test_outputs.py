"""What is kept of the outputs of a notebook's cells."""

from l2l_ref.grading.examination.outputs import PICTURE, TEXT, Outputs, Room, stream


def printing(text: str) -> dict:
    return {"msg_type": "stream", "content": {"name": "stdout", "text": text}}


def showing(size: int) -> dict:
    return {"msg_type": "display_data", "content": {"data": {"image/png": "A" * size}}}


def kept_of(cells: list[list[dict]], room: Room) -> list[list[dict]]:
    """The outputs of cells that put out these messages."""
    found = []
    for messages in cells:
        outputs = Outputs(room)
        for message in messages:
            outputs.add(message)
        found.append(outputs.as_list())
    return found


def test_an_ordinary_notebook_is_kept_whole():
    room = Room()
    cells = [[printing(f"cell {k}\n" * 100), showing(100_000)] for k in range(20)]
    found = kept_of(cells, room)
    assert [outputs[0] for outputs in found] == [stream(f"cell {k}\n" * 100) for k in range(20)]
    assert all(len(outputs) == 2 for outputs in found)
    assert room.told() == []


def test_all_cells_together_have_bounds_and_what_is_left_out_is_said():
    room = Room()
    found = kept_of([[printing("x" * TEXT), showing(PICTURE)]] * 150, room)
    assert len(str(found)) < 2 * PICTURE + 10 * TEXT + 150 * 300
    assert room.told() == [
        "The cells showed more than is kept of a notebook: "
        f"{140 * TEXT:,} characters and 148 pictures are left out"
    ]
    assert len(found[0]) == 2
    assert all("are not shown" in outputs[-1]["text"] for outputs in found[10:])


def test_what_a_cell_may_not_keep_takes_no_room_from_the_others():
    room = Room()
    flood = [printing("x" * 100 * TEXT), *[showing(2 * PICTURE)] * 50, *[showing(10)] * 100]
    first, second = kept_of([flood, [printing("seen"), showing(PICTURE)]], room)
    assert second[0] == stream("seen")
    assert "image/png" in second[1]["data"]
    assert "are not shown" in first[-1]["text"]
    assert room.told() == []
