"""moto as a server of its own process, mended where Terraform's provider could not read it.

    python -m tests.cloud.moto_server PORT

What is mended, and why, is one line each; everything else is moto as it is.
"""

import datetime
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
# Whatever either emulator makes is of one account.
os.environ["MOTO_ACCOUNT_ID"] = "000000000000"

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.codebuild import responses as codebuild
from moto.dms.models import DatabaseMigrationServiceBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.route53.responses import Route53
from moto.ssoadmin.responses import SSOAdminResponse
from werkzeug.serving import make_server

_TIME = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|[+-]\d\d:\d\d)?"')
_NUMBERED = ("AmazonDMS", "CodePipeline")


def _empty(field: str, value: object) -> Callable[[object], str]:
    return lambda _self: json.dumps({field: value})


def _placed(check: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    handed: dict[str, Any] = {"location": "the pipeline"}
    return lambda it: check({**it, **handed} if it["type"] == "CODEPIPELINE" else it)


# moto does not know these questions; there are no tags.
for response, value in ((SSOAdminResponse, []), (ApplicationAutoScalingResponse, {})):
    setattr(response, "list_tags_for_resource", _empty("Tags", value))  # noqa: B010 - moto has none

# moto wants a place of what a pipeline hands to a build and takes from it; AWS takes none.
for check in ("_validate_required_params_source", "_validate_required_params_artifacts"):
    setattr(codebuild, check, _placed(getattr(codebuild, check)))

# moto encrypts what a build leaves with a key of its own, whichever it is told.
laid = codebuild.CodeBuildResponse.create_project


def _encrypted(self: codebuild.CodeBuildResponse) -> Any:
    answer = laid(self)
    project = self.codebuild_backend.codebuild_projects[self._get_param("name")]
    project.project_metadata["encryptionKey"] = self._get_param("encryptionKey")
    return answer


setattr(codebuild.CodeBuildResponse, "create_project", _encrypted)  # noqa: B010 - as above

# moto starts a task of DMS, but never says that it is ready to be started.
made = DatabaseMigrationServiceBackend.create_replication_task


def _ready(self: DatabaseMigrationServiceBackend, **given: Any) -> Any:
    return made(self, **given).ready()


setattr(DatabaseMigrationServiceBackend, "create_replication_task", _ready)  # noqa: B010 - as above

# A zone that is made in a network is that network's own; moto wants to be told so once more.
asked = Route53._get_bool_param


def _told(self: Route53, name: str, default: bool | None = None) -> bool | None:
    own = name == "HostedZoneConfig.PrivateZone" and self._get_param("VPC.VPCId") is not None
    return own or asked(self, name, default)


setattr(Route53, "_get_bool_param", _told)  # noqa: B010 - moto's own question

_app = DomainDispatcherApplication(create_backend_app)


def _seconds(found: "re.Match[bytes]") -> bytes:
    at = datetime.datetime.fromisoformat(found[1].decode()).replace(tzinfo=datetime.UTC)
    return str(at.timestamp()).encode()


def serve(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Answer; times of DMS and CodePipeline as numbers, as their protocol wants them."""
    if not environ.get("HTTP_X_AMZ_TARGET", "").startswith(_NUMBERED):
        answer: Iterable[bytes] = _app(environ, start)
        return answer
    kept: dict[str, Any] = {}

    def keep(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        kept.update(status=status, headers=headers)
        return lambda _: None

    body = _TIME.sub(_seconds, b"".join(_app(environ, keep)))
    headers = [pair for pair in kept["headers"] if pair[0].lower() != "content-length"]
    start(kept["status"], [*headers, ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), serve, threaded=True).serve_forever()
