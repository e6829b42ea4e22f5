import ipaddress

import pytest

from bot.addresses import is_allowed, is_trusted

REFUSED = """
0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:0:7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::7f00:1
64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::
2002:a9fe:a9fe:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
ff0e::1 2130706433 0x7f.1 0177.0.0.1 127.1 ①②⑦.0.0.1 localhost
""".split()  # noqa: SIM905 - a table to read
ALLOWED = """
1.1.1.1 8.8.8.8 93.184.216.34 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 169.253.1.1
::ffff:8.8.8.8 64:ff9b::5db8:d822 2002:5db8:d822:: 2606:4700:4700::1111 2a00:1450:4001::1
""".split()  # noqa: SIM905 - a table to read


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_unicast_is_refused(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ALLOWED)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_allowed(address, ())


def test_a_trusted_network_is_allowed_in_every_notation_and_nothing_beside_it() -> None:
    trusted = (ipaddress.ip_network("192.168.1.0/24"), ipaddress.ip_network("fd12::/16"))
    assert is_allowed("192.168.1.7", trusted)
    assert is_allowed("::ffff:192.168.1.7", trusted)
    assert is_allowed("fd12::7", trusted)
    assert not is_allowed("192.168.2.7", trusted)
    assert not is_allowed("fd13::7", trusted)


@pytest.mark.parametrize("address", [*REFUSED, *ALLOWED])
def test_nothing_is_trusted_that_the_operator_did_not_name(address: str) -> None:
    assert not is_trusted(address, ())
    assert not is_trusted(address, (ipaddress.ip_network("192.168.77.0/24"),))


def test_being_public_makes_no_address_trusted() -> None:
    trusted = (ipaddress.ip_network("192.168.1.0/24"),)
    assert is_trusted("192.168.1.7", trusted)
    assert is_trusted("::ffff:192.168.1.7", trusted)
    assert not is_trusted("1.1.1.1", trusted)
