"""The reader as the rest of Vidi sees it: one child process, one picture at a time."""

from importlib.util import find_spec
from types import TracebackType
from typing import Self

import msgspec

from bot.child import Child, ChildDied
from bot.errors import PictureRefused, ReaderMissing
from bot.i18n import _
from bot.images.decode import MAX_PIXELS, NOT_A_PICTURE
from bot.images.sniff import sniff
from bot.provider.types import Completion, ImagePart, OnText, Prompt
from bot.reader.reading import Reading, parse
from bot.reader.wording import closing, numbered, opening, section
from bot.types import Finish, Task

_SECONDS = 90.0
_IDLE_SECONDS = 300.0


class Reader:
    """Reads text in pictures. Its models live in a child process, only while they are used."""

    def __init__(self, *, idle: float = _IDLE_SECONDS) -> None:
        self._child = Child("bot.reader.recognise", timeout=_SECONDS, idle=idle)

    @staticmethod
    def installed() -> bool:
        """Tell whether the extra `reader` is there; loads nothing of it."""
        return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None

    async def __aenter__(self) -> Self:
        await self._child.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._child.__aexit__(kind, error, traceback)

    @property
    def pid(self) -> int | None:
        """The child's id, None while none runs."""
        return self._child.pid

    async def read(self, data: bytes) -> Reading:
        """Give the text in a picture; raises PictureRefused, or ReaderMissing."""
        if not self.installed():
            raise ReaderMissing(
                _(
                    "The built-in reader isn't installed. Whoever runs this bot can add it with "
                    '`pip install "vidi[reader]"`, or set the key of another model.'
                )
            )
        kind = sniff(data)
        if kind is None:
            raise PictureRefused(_(NOT_A_PICTURE))
        try:
            reply, _nothing = await self._child.ask({"kind": kind, "max_pixels": MAX_PIXELS}, data)
            return parse(reply, kind)
        except (ChildDied, msgspec.DecodeError) as error:
            raise PictureRefused(
                _("The built-in reader gave up on this picture. Try a smaller part of it.")
            ) from error

    async def complete(self, prompt: Prompt, task: Task, on_text: OnText) -> Completion:
        """Answer as a model would, as far as reading goes; text is heard picture by picture.

        Raises ReaderMissing, and PictureRefused when the only picture can't be read."""
        said: list[str] = []

        def say(paragraph: str | None) -> None:
            if paragraph:
                text = f"\n\n{paragraph}" if said else paragraph
                said.append(text)
                on_text(text)

        # The question itself is the first paragraph; uploaders' own descriptions come after it.
        question = prompt.text.partition("\n\n")[0]
        say(opening(task))
        if len(prompt.images) == 1:
            say(section(await self._read(prompt.images[0]), task, question))
        else:
            for number, image in enumerate(prompt.images, start=1):
                say(numbered(number, await self._section(image, task, question)))
        say(closing(task))
        return Completion(text="".join(said), finish=Finish.STOP, input_tokens=0, output_tokens=0)

    async def _section(self, image: ImagePart, task: Task, question: str) -> str:
        try:
            return section(await self._read(image), task, question)
        except PictureRefused as refusal:
            return refusal.sentence

    async def _read(self, image: ImagePart) -> Reading:
        return await self.read(image.data or b"")
