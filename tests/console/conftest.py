from tests.conductor.conftest import conducted

__all__ = ["conducted"]
