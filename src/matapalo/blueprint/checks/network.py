"""Whether addresses fit and meet nobody else's, and links that are named exist."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.network import Network, Restriction
from matapalo.blueprint.organization import ActiveDirectory
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.subnets import subnets

LARGEST, SMALLEST = 16, 28
Range = IPv4Network | IPv6Network


def check(setting: Setting) -> Iterator[Finding]:
    """Yield ranges that collide or are too small, and links that are not there."""
    network = setting.blueprint.network
    yield from _size(network)
    yield from _overlaps(network)
    yield from _links(setting)
    for name, restriction in network.restrictions.items():
        yield from _restriction(restriction, network, ("network", "restrictions", name))


def _size(network: Network) -> Iterator[Finding]:
    whole = ip_network(network.cidr)
    loc: Loc = ("network", "cidr")
    if isinstance(whole, IPv6Network):
        yield Finding(loc, "the network needs IPv4 addresses", "like 10.20.0.0/16")
    elif not LARGEST <= whole.prefixlen <= SMALLEST:
        yield Finding(loc, f"AWS takes networks of /{LARGEST} to /{SMALLEST}", "like 10.20.0.0/16")
    else:
        try:
            subnets(network)
        except ValueError as error:
            hint = "take a larger network, or smaller `network.subnets`"
            yield Finding(loc, str(error), hint)


def _overlaps(network: Network) -> Iterator[Finding]:
    own = ip_network(network.cidr)
    seen: list[tuple[str, Range]] = []
    for name, link in network.links.items():
        for index, cidr in enumerate(getattr(link, "cidrs", ())):
            loc: Loc = ("network", "links", name, "cidrs", index)
            there = ip_network(cidr)
            if there.overlaps(own):
                hint = "no address can be on both sides of a link"
                yield Finding(loc, f"{cidr} overlaps the network's own {own}", hint)
            for other, theirs in seen:
                if other != name and there.overlaps(theirs):
                    what = f"{cidr} is reached by the link {other} ({theirs}) too"
                    hint = "leave it if one link stands in for the other"
                    yield Finding(loc, what, hint, warning=True)
            seen.append((name, there))


def _links(setting: Setting) -> Iterator[Finding]:
    links = setting.blueprint.network.links
    for loc, name in _named_links(setting):
        if name is not None and name not in links:
            yield unknown(loc, "link", name, nearest(name, links, noun="links"))


def _named_links(setting: Setting) -> Iterator[tuple[Loc, str | None]]:
    blueprint = setting.blueprint
    yield ("monolith", "link"), blueprint.monolith.link
    if blueprint.security:
        yield ("security", "link"), blueprint.security.link
    for index, forward in enumerate(blueprint.network.dns):
        yield ("network", "dns", index, "link"), forward.link
    for name, restriction in blueprint.network.restrictions.items():
        yield ("network", "restrictions", name, "link"), restriction.link
    sign_on = blueprint.organization.sign_on if blueprint.organization else None
    if sign_on and isinstance(sign_on.source, ActiveDirectory):
        yield ("organization", "sign_on", "source", "link"), sign_on.source.link


def _restriction(restriction: Restriction, network: Network, loc: Loc) -> Iterator[Finding]:
    if not (restriction.hosts or restriction.cidrs or restriction.callers):
        hint = "give `hosts` or `cidrs` that are called, or `callers` that call"
        yield Finding(loc, "nothing says which system this is", hint, on_key=True)
    link = network.links.get(restriction.link or "")
    if restriction.fixed_egress and link is not None:
        what = "what goes by a link does not leave by the fixed addresses"
        yield Finding((*loc, "fixed_egress"), what, "keep one of them", warning=True)
    behind = [ip_network(cidr) for cidr in getattr(link, "cidrs", ())]
    for index, cidr in enumerate(restriction.cidrs if behind else ()):
        if not any(_within(ip_network(cidr), net) for net in behind):
            what = f"{cidr} does not lie behind the link {restriction.link}"
            yield Finding((*loc, "cidrs", index), what, f"behind it: {', '.join(map(str, behind))}")


def _within(inner: Range, outer: Range) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False
