"""Which addresses a URL that somebody else chose may lead to."""

import ipaddress

from bot.config import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

# Written out instead of `is_global`, whose answer depends on the Python version. Sources: IANA's
# IPv4 and IPv6 special-purpose address registries; RFC 1112, 4291, 6052.
_V4_DENIED = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform address: public by its number, the host's own
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_V6_UNICAST = ipaddress.IPv6Network("2000::/3")
_V6_DENIED = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")
)


def is_allowed(address: str, trusted: tuple[Network, ...]) -> bool:
    """Tell whether a socket may connect there: public unicast, or in a trusted network.

    What is no address at all isn't allowed."""
    match _meant(address):
        case ipaddress.IPv4Address() as v4:
            public = not any(v4 in network for network in _V4_DENIED)
        case ipaddress.IPv6Address() as v6:
            public = v6 in _V6_UNICAST and not any(v6 in network for network in _V6_DENIED)
        case None:
            public = False
    return public or is_trusted(address, trusted)


def is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    """Tell whether an address lies in one of these networks; what is none does not."""
    meant = _meant(address)
    return meant is not None and any(meant in network for network in trusted)


def _meant(text: str) -> Address | None:
    """Give the address that is meant: an IPv4 one where it is mapped, NAT64 or 6to4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
