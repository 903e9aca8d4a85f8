"""What a service is told of those that it names, and of its own environment."""

from tests.local.test_topology import env, scene, specs

TWO = {
    "name": "shop",
    "monolith": {"url": "http://127.0.0.1:8000"},
    "products": {
        "billing": {
            "services": {
                "invoices": {
                    "run": {"command": ["./run"], "env": {"LEVEL": "debug"}},
                    "env": {"LEVEL": "info", "LANGUAGE": "es"},
                    "uses": ["mail"],
                },
                "mail": {"run": {"command": ["./mail"]}},
            }
        },
        "sales": {"services": {"mail": {"run": {"command": ["./mail"]}}}},
    },
}


def test_the_last_name_alone_means_the_own_product() -> None:
    port = scene(TWO).ports["billing/mail"]
    assert env(specs(TWO)["billing/invoices"])["MAIL_URL"] == f"http://127.0.0.1:{port}"


def test_what_a_run_says_of_its_environment_holds_here() -> None:
    told = env(specs(TWO)["billing/invoices"])
    assert (told["LEVEL"], told["LANGUAGE"]) == ("debug", "es")
