"""What every test gets: no way out of this machine."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# What is generated matters, not how fast: a loaded machine must not fail a property.
settings.register_profile("vidi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vidi")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse traffic and name look-ups beyond loopback, and fail the test that tried."""
    strays: list[str] = []

    def refuse(target: str) -> None:
        strays.append(target)
        raise ConnectionRefusedError(f"a test reached for {target}")

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(sock: socket.socket, *args: Any) -> Any:
            if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(args[-1][0]):
                refuse(str(args[-1][0]))
            return real(sock, *args)

        return call

    real_getaddrinfo = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):  # exists nowhere (RFC 6761), so no need to ask
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not _needs_no_server(name):
            refuse(name)
        return real_getaddrinfo(host, *args, **kwargs)

    for method in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, method, guarded(getattr(socket.socket, method)))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    assert not strays, f"only loopback is allowed in tests, this one reached for {strays}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _needs_no_server(name: str) -> bool:
    """Tell whether `name` is an address in any notation (`0x7f.1` too), or loopback's own name."""
    if name == "localhost" or ":" in name:
        return True
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True
