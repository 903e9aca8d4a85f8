"""Which addresses each subnet gets."""

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Literal

from matapalo.blueprint.network import Network

Tier = Literal["public", "private", "isolated"]


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet. `zone` counts from 0."""

    tier: Tier
    zone: int
    cidr: str


def subnets(network: Network) -> tuple[Subnet, ...]:
    """Lay out the subnets, the largest first, so that none wastes the room of another.

    Raises ValueError where they do not fit into the network.
    """
    lengths: dict[Tier, int] = {
        "private": network.subnets.private,
        "public": network.subnets.public,
        "isolated": network.subnets.isolated,
    }
    whole = ip_network(network.cidr)
    start, end = int(whole.network_address), int(whole.broadcast_address) + 1
    laid = []
    for tier, length in sorted(lengths.items(), key=lambda item: item[1]):
        for zone in range(network.zones):
            size = 1 << (whole.max_prefixlen - length)
            if start + size > end:
                raise ValueError(f"{network.zones} subnets of each kind need more than {whole}")
            laid.append(Subnet(tier, zone, str(ip_network((start, length)))))
            start += size
    return tuple(laid)
