"""Session cookies: an endpoint that recognises them."""

from http import HTTPStatus

from matapalo.blueprint import Session
from matapalo.edge.authorizer.decision import Known, SecuritySilent, Unknown, Verdict
from matapalo.edge.authorizer.system import System, json_object

NOBODYS = {
    HTTPStatus.UNAUTHORIZED: Unknown("the session is not valid, or no longer"),
    HTTPStatus.FORBIDDEN: Unknown("the session may not do this", status=403),
}


class Recognising:
    """Asks about cookies; of all that a caller carries, the session's alone is shown."""

    def __init__(self, login: Session, system: System) -> None:
        self._login = login
        self._system = system

    async def verdict(self, cookie: str) -> Verdict:
        """Say whose a session is. Raises SecuritySilent."""
        headers = {"cookie": f"{self._login.cookie}={cookie}", "accept": "application/json"}
        status, body = await self._system.ask("GET", headers=headers)
        if status in NOBODYS:
            return NOBODYS[HTTPStatus(status)]
        user = json_object(status, body).get(self._login.user_field)
        if not isinstance(user, str | int) or isinstance(user, bool) or user == "":
            raise SecuritySilent(f"the security system names no `{self._login.user_field}`")
        return Known(str(user))
