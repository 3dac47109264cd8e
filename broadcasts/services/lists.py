"""Long lists of chats, read while they are uploaded and never kept as text: in JSON, or a line each in a file."""

import json
import re
from array import array
from collections.abc import Iterable
from typing import Any

from broadcasts.errors import ChatsInvalid, TooManyChats
from broadcasts.services.audience import MOST_CHATS
from config.language import Text

BEYOND = 2**52  # Telegram: "at most 52 significant bits"
LONGEST = 4_096  # of a line, or between two commas
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[{}\[\]]', re.DOTALL)
# The first column; commas, semicolons and tabs separate columns, and quotes may stand around it.
LINE = re.compile(rb'\s*"?\s*([+-]?\d{1,19})\s*"?\s*(?:[,;\t].*)?', re.DOTALL)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PLACE = Text(en="recipients[{number}]", ru="recipients[{number}]")
LINE_NUMBER = Text(en="line {number}", ru="строка {number}")
FIRST_BAD = Text(en="The first bad one is {place}.", ru="Первый неверный: {place}.")
NO_NUMBER = Text(en="it is not a whole number", ru="это не целое число")
NO_CHAT = Text(en="no chat on Telegram has such a number", ru="чата с таким номером в Telegram не бывает")


def put(chats: "array[int]", number: Any, *, line: int | None = None) -> None:
    """Takes a chat id that may exist, from this line of a file or as the next of the recipients."""
    if type(number) is not int:
        raise bad(NO_NUMBER, chats, line)
    if not 0 < abs(number) < BEYOND:
        raise bad(NO_CHAT, chats, line)
    if len(chats) == MOST_CHATS:
        raise TooManyChats(most=f"{MOST_CHATS:,}")
    chats.append(number)


def bad(reason: Text, chats: "array[int]", line: int | None) -> ChatsInvalid:
    place = LINE_NUMBER.filled(number=line) if line else PLACE.filled(number=len(chats))
    return ChatsInvalid(place=place, reason=reason, errors={"recipients": [FIRST_BAD.filled(place=place)]})


class Members:
    """A JSON object fed in pieces: the numbers of one member, an array, are taken out of it.

    `outside` is the rest of the object's text, `null` in the array's place; whether that is JSON, its
    parser says.
    """

    def __init__(self, name: str) -> None:
        self.key = f'"{name}"'.encode()
        self.chats = array("q")
        self.outside = b""
        self.found = self.inside = False
        self.depth = self.at = 0
        self.string = self.rest = b""

    def feed(self, piece: bytes) -> None:
        while piece:
            piece = self._array(piece) if self.inside else self._object(piece)

    def _object(self, piece: bytes) -> bytes:
        """Goes on to where the array begins; what follows it. A string's end may be in a later piece."""
        self.outside += piece
        for token in TOKEN.finditer(self.outside, self.at):
            sign = token[0][:1]
            if sign == b'"' and not token[1]:
                break
            self.at = token.end()
            if sign == b"[" and self.depth == 1 and self.string == self.key:
                return self._begin()
            self.depth += (sign in b"{[") - (sign in b"}]")
            self.string = token[0] if sign == b'"' else b""
        return b""

    def _begin(self) -> bytes:
        rest = self.outside[self.at :]
        self.outside = self.outside[: self.at - 1] + b"null"
        self.at = len(self.outside)
        self.found = self.inside = True
        self.string = self.rest = b""
        self.chats = array("q")  # a name that stands twice means its last value, as in every JSON
        return rest

    def _array(self, piece: bytes) -> bytes:
        """Takes the whole numbers of this piece; what follows the array."""
        text = self.rest + piece
        end = text.find(b"]")
        self.inside = end < 0
        cut = end if end >= 0 else text.rfind(b",") + 1
        self.rest = text[cut:]
        if len(self.rest) > LONGEST and self.inside:
            put(self.chats, None)
        self._take(text[:cut].removesuffix(b",") if self.inside else text[:cut], whole=cut > 0)
        return b"" if self.inside else text[end + 1 :]

    def _take(self, numbers: bytes, *, whole: bool) -> None:
        if not self.inside and not self.chats and not numbers.strip():
            return  # an empty array
        if not whole:
            return
        try:
            values = json.loads(b"[%b]" % numbers)
        except (ValueError, RecursionError):
            values = _one_by_one(numbers)
        for value in values or [None]:
            put(self.chats, value)


def _one_by_one(numbers: bytes) -> list[Any]:
    """Something in there is no JSON: everything before it, and None in its place."""
    values: list[Any] = []
    for text in numbers.split(b","):
        try:
            values.append(json.loads(text))
        except (ValueError, RecursionError):
            return [*values, None]
    return [*values, None]


class Lines:
    """A file fed in pieces; a first line that is no number is the names of the columns."""

    def __init__(self) -> None:
        self.chats = array("q")
        self.rest = b""
        self.line = 0

    def feed(self, piece: bytes) -> None:
        *whole, self.rest = (self.rest + piece).split(b"\n")
        for line in whole:
            self._take(line)
        if len(self.rest) > LONGEST:
            self.end()

    def end(self) -> None:
        """Nothing more comes: what is left is the last line."""
        self._take(self.rest)
        self.rest = b""

    def _take(self, line: bytes) -> None:
        self.line += 1
        if self.line == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        found = LINE.fullmatch(line) if len(line) <= LONGEST else None
        if found is None and (self.line == 1 or not line.strip()):
            return
        put(self.chats, int(found[1]) if found else None, line=self.line)


def chats_in(pieces: Iterable[bytes]) -> "array[int]":
    """The chats of a file, one a line."""
    lines = Lines()
    for piece in pieces:
        lines.feed(piece)
    lines.end()
    return lines.chats
