"""What a blueprint has, by name: the summary that a person sees after a check."""

from matapalo.blueprint.root import Blueprint


def contents(blueprint: Blueprint) -> dict[str, list[str]]:
    """Return the names of what there is, by kind; kinds of which there is none are left out."""
    organization, events, network = blueprint.organization, blueprint.events, blueprint.network
    everything: dict[str, list[str]] = {
        "environments": list(blueprint.environments),
        "accounts": list(organization.accounts) if organization else [],
        "links": list(network.links),
        "restrictions": list(network.restrictions),
        "products": list(blueprint.products),
        "services": list(blueprint.services()),
        "functions": list(blueprint.functions()),
        "stores": list(blueprint.stores()),
        "topics": list(events.topics),
        "queues": list(events.queues),
        "rules": list(events.rules),
        "schedules": list(events.schedules),
        "secrets": list(blueprint.secrets),
        "slices": list(blueprint.slices),
    }
    return {kind: names for kind, names in everything.items() if names}
