"""The event parser, against every way a stream is written."""

import pytest

from bot.provider.sse import Parser, TooLong


def events(*chunks: bytes, close: bool = False) -> list[bytes]:
    parser = Parser()
    found = [event for chunk in chunks for event in parser.feed(chunk)]
    return found + parser.close() if close else found


def feed_all(chunks: list[bytes]) -> None:
    parser = Parser(max_line=1000)
    for chunk in chunks:
        parser.feed(chunk)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b": keep-alive\n\n: again\n\ndata: a\n\n", [b"a"]),
        (b"event: message\nid: 7\nretry: 3\ndata: a\n\n", [b"a"]),
        (b"\n\n\ndata: a\n\n\n\n", [b"a"]),
        (b"data\n\ndatabase: no\n\n", []),
        (b"data: a\xe2\x80\xa8b\xc2\x85c\x0bd\n\n", [b"a\xe2\x80\xa8b\xc2\x85c\x0bd"]),
    ],
)
def test_an_event_is_its_data_however_it_is_written(stream: bytes, expected: list[bytes]) -> None:
    assert events(stream) == expected
    assert events(*(bytes([byte]) for byte in stream)) == expected


def test_a_line_break_that_is_split_between_chunks_is_one() -> None:
    assert events(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [b"a\nb"]


def test_the_last_event_counts_even_without_its_blank_line() -> None:
    assert events(b"data: a\n\ndata: b", close=True) == [b"a", b"b"]


def test_done_counts_at_once() -> None:
    assert events(b"data: [DONE]\n") == [b"[DONE]"]


def test_a_line_without_end_is_given_up_on() -> None:
    with pytest.raises(TooLong):
        feed_all([b"data: " + b"x" * 10] * 200)


def test_an_event_of_endless_lines_is_given_up_on() -> None:
    with pytest.raises(TooLong):
        feed_all([b"data: " + b"x" * 10 + b"\n"] * 200)


def test_single_bytes_cost_no_more_than_they_should() -> None:
    parser = Parser()
    for _byte in range(200_000):  # quadratic joining would take minutes
        assert not parser.feed(b"x")
