"""How pods join a target group of the load balancer that Terraform made."""

from matapalo.cloud.kubernetes.yaml import Object
from matapalo.cloud.scene import Scene


def binding(scene: Scene, namespace: str, name: str, port: int, variable: str) -> Object:
    """Return the object that joins a service's pods; `apply.sh` fills the target group in.

    Auto Mode has the controller built in, under a name of its own.
    """
    auto = scene.sizes.cluster.mode == "auto"
    return {
        "apiVersion": "eks.amazonaws.com/v1" if auto else "elbv2.k8s.aws/v1beta1",
        "kind": "TargetGroupBinding",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "serviceRef": {"name": name, "port": port},
            "targetGroupARN": f"${{{variable}}}",
            "targetType": "ip",
        },
    }
