"""How the addresses of a network are shared out."""

from ipaddress import ip_network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.blueprint import Network, Subnets
from matapalo.blueprint.subnets import subnets

networks = st.builds(
    Network,
    cidr=st.integers(16, 22).map(lambda length: f"10.64.0.0/{length}"),
    zones=st.integers(2, 3),
    subnets=st.builds(
        Subnets,
        public=st.integers(20, 28),
        private=st.integers(18, 28),
        isolated=st.integers(20, 28),
    ),
)


@given(network=networks)
def test_subnets_lie_in_the_network_apart_from_each_other_or_are_refused(network: Network) -> None:
    whole = ip_network(network.cidr)
    lengths = network.subnets.public, network.subnets.private, network.subnets.isolated
    needed = network.zones * sum(1 << (32 - length) for length in lengths)
    if needed > whole.num_addresses:
        with pytest.raises(ValueError, match="need more than"):
            subnets(network)
        return
    laid = subnets(network)
    ranges = [ip_network(each.cidr) for each in laid]
    assert len(laid) == 3 * network.zones
    assert {(each.tier, each.zone) for each in laid} == {
        (tier, zone) for tier in ("public", "private", "isolated") for zone in range(network.zones)
    }
    assert all(whole.supernet_of(each) for each in ranges)  # type: ignore[arg-type]  # all IPv4
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))
