"""What a cell puts out, kept for readers: its beginning, as plain text and pictures.

A formgrader shows outputs in the instructor's browser, where HTML and JavaScript of a student's
would act in the instructor's name. So they are left out; text and PNG say what there is to say.
"""

from dataclasses import dataclass

#: Characters of text, bytes of pictures (in base64), and pieces, that are kept of a cell.
TEXT, PICTURE, PIECES = 20_000, 2 * 2**20, 40


@dataclass
class Room:
    """What the cells of a whole notebook may keep, all together; each takes its part of it.

    Args:
        text: characters of text that are left.
        pictures: bytes of pictures (in base64) that are left.
        lost_text: characters that had room in their cell and not here.
        lost_pictures: pictures of which that is so.
    """

    text: int = 10 * TEXT
    pictures: int = 2 * PICTURE
    lost_text: int = 0
    lost_pictures: int = 0

    def of_text(self, wanted: int) -> int:
        """Take room for so many characters; how many there is room for."""
        given = min(wanted, self.text)
        self.text -= given
        self.lost_text += wanted - given
        return given

    def has_picture(self, size: int) -> bool:
        """Take room for a picture, if there is."""
        if size > self.pictures:
            self.lost_pictures += 1
            return False
        self.pictures -= size
        return True

    def told(self) -> list[str]:
        """A line that says what was left out, if anything was."""
        if not self.lost_text and not self.lost_pictures:
            return []
        lost = f"{self.lost_text:,} characters and {self.lost_pictures:,} pictures"
        return [f"The cells showed more than is kept of a notebook: {lost} are left out"]


class Outputs:
    """The outputs of one cell, as nbformat has them, from the kernel's messages.

    Args:
        room: of its notebook.
    """

    def __init__(self, room: Room | None = None):
        self.room = room or Room()
        self.pieces: list[dict] = []
        self.text = self.pictures = self.lost = 0
        self.cut = False  # whether the end is missing, nobody knows how much

    def add(self, message: dict) -> None:
        """Take a message; whatever is not of the right form is left out."""
        content = message.get("content")
        kind = message.get("msg_type") or message.get("header", {}).get("msg_type")
        if not isinstance(content, dict):
            return
        match kind:
            case "stream":
                self._stream(content)
            case "error":
                self._error(content)
            case "display_data" | "execute_result":
                self._display(content)

    def as_list(self) -> list[dict]:
        """The outputs, with a note if some are missing."""
        if not self.lost and not self.cut:
            return self.pieces
        many = f"{self.lost:,}" if self.lost else "many"
        note = f"[{many} more characters or pictures are not shown]\n"
        return [*self.pieces, stream(note, "stderr")]

    def _stream(self, content: dict) -> None:
        text = self._kept(content.get("text"))
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        last = self.pieces[-1] if self.pieces else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        elif text:
            self._keep(stream(text, name))

    def _error(self, content: dict) -> None:
        trace = content.get("traceback")
        lines = [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
        kept = [self._kept(line) for line in lines[-30:]]
        name, value = (self._kept(content.get(key))[:1000] for key in ("ename", "evalue"))
        self._keep({"output_type": "error", "ename": name, "evalue": value, "traceback": kept})

    def _display(self, content: dict) -> None:
        found = content.get("data")
        data = {}
        if isinstance(found, dict):
            if isinstance(found.get("text/plain"), str):
                data["text/plain"] = self._kept(found["text/plain"])
            picture = found.get("image/png")
            if isinstance(picture, str) and self._has_room(len(picture)):
                self.pictures += len(picture)
                data["image/png"] = picture
            elif picture:
                self.lost += 1
        if data:
            # An execute_result would be taken for the points of a check.
            self._keep({"output_type": "display_data", "data": data, "metadata": {}})

    def _has_room(self, picture: int) -> bool:
        """Whether a picture of so many bytes can be kept; a piece too many cannot."""
        fits = self.pictures + picture <= PICTURE and len(self.pieces) < PIECES
        return fits and self.room.has_picture(picture)

    def _keep(self, piece: dict) -> None:
        if len(self.pieces) < PIECES:
            self.pieces.append(piece)
        else:
            self.lost += 1

    def _kept(self, text: object) -> str:
        """As much of a text as there is room for."""
        if not isinstance(text, str):
            return ""
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
        kept = text[: self.room.of_text(min(len(text), TEXT - self.text))]
        self.text += len(kept)
        self.lost += len(text) - len(kept)
        return kept


def stream(text: str, name: str = "stdout") -> dict:
    """Printed text as an output."""
    return {"output_type": "stream", "name": name, "text": text}


def result(text: str) -> dict:
    """The value of a cell's last line as an output."""
    data = {"text/plain": text}
    return {"output_type": "execute_result", "execution_count": None, "data": data, "metadata": {}}
