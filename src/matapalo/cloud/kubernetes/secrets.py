"""Secrets for pods: files, and variables made of them, by the CSI driver and the pod's own role."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matapalo.cloud.kubernetes.yaml import Object, one
from matapalo.cloud.scene import Scene

FOLDER = "/var/run/secrets/matapalo"
"""Where the files are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value: a secret's by its name or ARN, or a field of one that holds JSON."""

    variable: str
    secret: str
    field: str | None = None


def name_of(scene: Scene, secret: str) -> str:
    """Return what Secrets Manager calls a secret of the blueprint's, or one of our own."""
    known = scene.blueprint.secrets.get(secret)
    return (known.existing if known else None) or f"{scene.names.prefix}/{secret}"


def provider(scene: Scene, namespace: str, name: str, wanted: Sequence[Wanted]) -> Object:
    """Return the object that names a workload's secrets."""
    variables = [{"objectName": each.variable, "key": each.variable} for each in wanted]
    return {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "provider": "aws",
            "parameters": {
                "objects": one(list(_files(wanted))),
                "region": scene.region,
                "usePodIdentity": "true",
            },
            "secretObjects": [{"secretName": _kept(name), "type": "Opaque", "data": variables}],
        },
    }


def volume(name: str) -> Mapping[str, Object]:
    """Return the volume of the files, by where it is mounted."""
    attributes = {"secretProviderClass": name}
    driver = "secrets-store.csi.k8s.io"
    return {FOLDER: {"csi": {"driver": driver, "readOnly": True, "volumeAttributes": attributes}}}


def variables(name: str, wanted: Sequence[Wanted]) -> Iterator[Object]:
    """Return the variables of a container that hold them."""
    for each in wanted:
        yield variable(each.variable, name, each.variable)


def variable(called: str, name: str, key: str) -> Object:
    """Return a variable that holds one of a workload's secrets."""
    return {"name": called, "valueFrom": {"secretKeyRef": {"name": _kept(name), "key": key}}}


def _kept(name: str) -> str:
    return f"{name}-secrets"


def _files(wanted: Sequence[Wanted]) -> Iterator[dict[str, Any]]:
    """Fields of one secret are asked for together."""
    for secret in dict.fromkeys(each.secret for each in wanted):
        of = [each for each in wanted if each.secret == secret]
        fields = [{"path": e.field, "objectAlias": e.variable} for e in of if e.field]
        # An ARN says what it is; a name has to be told.
        kind = {} if secret.startswith(("arn:", "${")) else {"objectType": "secretsmanager"}
        if fields:
            yield {"objectName": secret, **kind, "jmesPath": fields}
        else:
            yield {"objectName": secret, **kind, "objectAlias": of[0].variable}
