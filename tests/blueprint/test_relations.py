"""Who talks to whom."""

from pathlib import Path

from matapalo.blueprint import examine
from matapalo.blueprint.relations import Peer, Relation, relations
from tests.blueprint.written import understood

EVERYTHING = Path(__file__).with_name("everything.yaml")


def said(folder: Path, text: str) -> set[tuple[str, str, str, int | None]]:
    blueprint = understood(folder, text)
    return {(str(r.caller), str(r.callee), r.protocol, r.port) for r in relations(blueprint)}


def test_the_smallest_system_has_a_client_the_edge_and_the_monolith(tmp_path: Path) -> None:
    assert said(tmp_path, "name: a\nmonolith: {url: 'http://shop.co:8080/x'}\n") == {
        ("client", "edge", "https", 443),
        ("edge", "monolith monolith", "http", 8080),
    }


def test_uses_slices_security_and_events_all_count(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        """\
        name: a
        monolith:
          run: {command: [x]}
          database: {name: d}
          uses: [bank]
        network: {restrictions: {bank: {hosts: [b.co], ports: [8443]}}}
        security: {login: {kind: session, cookie: sid}, public: [/app]}
        site: {folder: x, path: /app}
        products:
          p:
            services:
              s: {run: {command: [x]}, uses: [db, hot, told, monolith]}
              t: {url: "https://t.co", uses: [s]}
            functions:
              f: {code: f, handler: f.f, uses: [q/files]}
            stores:
              db: {kind: aurora}
              hot: {kind: cache, engine: memcached}
          q:
            stores: {files: {kind: bucket}}
        events:
          topics: {told: {subscriptions: [{to: p/f}]}}
          queues: {work: {}}
          rules: {r: {types: [X], to: [work]}}
          schedules: {n: {when: rate(1 day), to: p/f}}
        slices:
          a: {to: p/s, routes: [/a], tables: [t]}
        """,
    )
    assert found == {
        ("client", "edge", "https", 443),
        ("edge", "monolith monolith", "http", None),
        ("edge", "site", "aws", 443),
        ("edge", "authorizer", "http", None),
        ("authorizer", "monolith monolith", "http", None),
        ("edge", "service p/s", "http", 8080),
        ("service p/s", "store p/db", "postgresql", 5432),
        ("service p/s", "store p/hot", "memcached", 11211),
        ("service p/s", "topic told", "aws", 443),
        ("service p/s", "monolith monolith", "http", None),
        ("service p/t", "service p/s", "http", 8080),
        ("function p/f", "store q/files", "aws", 443),
        ("monolith monolith", "system bank", "tcp", 8443),
        ("topic told", "function p/f", "aws", 443),
        ("bus bus", "queue work", "aws", 443),
        ("schedule n", "function p/f", "aws", 443),
        ("stream a", "database d", "postgresql", 5432),
        ("stream a", "store p/db", "postgresql", 5432),
    }


def test_relations_are_sorted_and_each_is_there_once() -> None:
    blueprint = examine(EVERYTHING, "prod", {}, look=False).blueprint
    assert blueprint is not None
    found = relations(blueprint)
    assert len(set(found)) == len(found)
    assert [(r.caller, r.callee) for r in found] == sorted((r.caller, r.callee) for r in found)
    database = Relation(
        Peer("stream", "search"), Peer("database", "shop"), "postgresql", 5432, "slice search"
    )
    assert database in found
