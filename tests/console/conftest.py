from tests.conductor.conftest import conducted, ledger_database, ledger_url

__all__ = ["conducted", "ledger_database", "ledger_url"]
