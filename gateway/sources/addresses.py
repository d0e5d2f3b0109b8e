"""Where a call may connect to: public addresses, and what the site names. Checked on the resolved address.

Names say nothing: `2130706433`, `0x7f.1` and `127.1` all resolve to 127.0.0.1, and a name may resolve to another
address a second later, so the addresses that were checked are the ones connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

from gateway.sources.problem import NotPermitted, SourceProblem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

#: Carries an IPv4 address in its last four bytes (RFC 6052); Python calls it global.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


async def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, through the system's resolver. Raises OSError where there is none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def pinned(
    host: str, port: int, allowed: Sequence[str], look_up: Resolve = resolve, *, secure: bool = True
) -> tuple[str, ...]:
    """The addresses to connect to, in order. Raises SourceProblem where any address of the host is not allowed.

    Without TLS (`secure` False) only addresses that the site names: a patient's record never crosses the open network
    in plain.
    """
    try:
        texts = await look_up(host, port)
    except (OSError, UnicodeError):
        raise SourceProblem("its name could not be resolved to an address") from None
    if not texts:
        raise SourceProblem("its name could not be resolved to an address")
    networks = [ipaddress.ip_network(one) for one in allowed]
    for text in texts:
        try:
            address = ipaddress.ip_address(text.split("%")[0])
        except ValueError:
            raise SourceProblem("its name resolved to something that is no address") from None
        if not permitted(address, networks):
            raise NotPermitted(
                "its address is not public and not in GATEWAY_ALLOWED_NETWORKS, so nothing was sent to it"
            )
        if not secure and not any(address.version == n.version and address in n for n in networks):
            raise NotPermitted(
                "plain http is for addresses in GATEWAY_ALLOWED_NETWORKS only, so nothing was sent to it"
            )
    return tuple(texts)


def permitted(address: Address, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    """Whether an address, and every IPv4 address hidden inside it, is public or in a named network."""
    if any(address.version == n.version and address in n for n in networks):
        return True
    inside = _inside(address)
    if inside:
        return all(permitted(one, networks) for one in inside)
    # Python calls multicast and some reserved blocks global.
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inside(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        return [address.sixtofour]
    if address.teredo:
        return list(address.teredo)
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return []
