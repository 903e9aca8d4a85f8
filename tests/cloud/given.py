"""What roots read of other roots, where those are not applied: of shapes that are right, and keys
that the emulator has."""

import re
from pathlib import Path
from typing import Any

import boto3

from matapalo.blueprint import examine
from matapalo.cloud import Scene, System, policy_files, system_of
from matapalo.cloud.former import first_store
from matapalo.cloud.names import product_root
from matapalo.cloud.packaging.zips import zipped
from matapalo.cloud.roots.images import repositories
from matapalo.cloud.roots.purposes import PURPOSES
from matapalo.cloud.talks import talks

ACCOUNT = "000000000000"
EVERYTHING = Path(__file__).parents[1] / "blueprint/everything.yaml"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]
}
"""
_TLS = re.compile(r'(variable = "aws:SecureTransport"\s+values\s+= )\["false"\]')
TIERS = ("public", "private", "isolated")


def client(service: str, url: str, region: str = "us-east-1") -> Any:
    """Return a client of an emulator."""
    return boto3.client(
        service, endpoint_url=url, region_name=region,
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip


def everything(file: Path = EVERYTHING) -> System:
    """Return the system that uses every word of the blueprint; its files are not there."""
    blueprints = {}
    for name in ("dev", "prod"):
        blueprint = examine(file, name, {}, look=False).blueprint
        assert blueprint is not None
        blueprints[name] = blueprint
    return system_of(blueprints, dict.fromkeys(policy_files(blueprints), POLICY))


def over_http(render: Path) -> None:
    """Turn policies that ask for TLS round: the emulators obey them, and speak none."""
    for file in (render / "modules").glob("*/*.tf"):
        text = file.read_text()
        file.write_text(_TLS.sub(r'\1["true"]', text))


def network(scene: Scene, url: str | None = None) -> dict[str, object]:
    """Return what `network` tells; it is made where an emulator is named."""
    zones, groups = range(scene.blueprint.network.zones), _groups(scene)
    if url is not None:
        return _made(client("ec2", url, scene.region), scene.region, zones, groups)
    return {
        "vpc_id": "vpc-0a",
        "cidr": scene.blueprint.network.cidr,
        "security_group_ids": {name: f"sg-{n:08x}" for n, name in enumerate(groups)},
        **{f"{tier}_subnet_ids": [f"subnet-{tier[:2]}{zone}" for zone in zones] for tier in TIERS},
    }


def _made(ec2: Any, region: str, zones: range, groups: list[str]) -> dict[str, object]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def subnet(number: int, zone: int) -> str:
        made = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.0.{number * 8 + zone}.0/24",
            AvailabilityZone=f"{region}{'abc'[zone]}",
        )
        return str(made["Subnet"]["SubnetId"])

    def group(name: str) -> str:
        made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)
        return str(made["GroupId"])

    return {
        "vpc_id": vpc,
        "security_group_ids": {name: group(name) for name in groups},
        **{
            f"{tier}_subnet_ids": [subnet(number, zone) for zone in zones]
            for number, tier in enumerate(TIERS)
        },
    }


def _groups(scene: Scene) -> list[str]:
    kept = (f"stores/{first_store(scene.blueprint, it)}" for it in scene.blueprint.stores())
    return sorted({*talks(scene.blueprint).groups, *kept})


def platform(scene: Scene, url: str | None = None) -> dict[str, object]:
    """Return what `platform` tells; its keys are made where an emulator is named."""
    region = scene.region
    names = [*scene.blueprint.secrets]
    arn = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:"
    return {
        "key_arns": {purpose: _key(region, url) for purpose in PURPOSES},
        "alarm_topic_arn": f"arn:aws:sns:{region}:{ACCOUNT}:alarms",
        "secret_arns": {name: f"{arn}{name}-abcdef" for name in names},
        "secrets_layer_arn": f"arn:aws:lambda:{region}:{ACCOUNT}:layer:secrets:1",
        "repository_arns": {name: _repository(scene, name) for name in repositories(scene)},
        "cluster_name": scene.names.prefix,
        "cluster_arn": f"arn:aws:eks:{region}:{ACCOUNT}:cluster/{scene.names.prefix}",
        "cluster_security_group_id": "sg-0c",
        "meters": "Matapalo/x",
    }


def _repository(scene: Scene, name: str) -> str:
    return f"arn:aws:ecr:{scene.region}:{ACCOUNT}:repository/{name}"


def _key(region: str, url: str | None) -> str:
    if url is None:
        return f"arn:aws:kms:{region}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    made = client("kms", url, region).create_key()
    return str(made["KeyMetadata"]["Arn"])


def product(scene: Scene, name: str) -> dict[str, object]:
    """Return what a product's root tells."""
    it = scene.blueprint.products[name]
    secret = f"arn:aws:secretsmanager:{scene.region}:{ACCOUNT}:secret:rds-"
    return {
        "function_arns": {each: function_arn(scene, name, each) for each in it.functions},
        "function_invoke_arns": {each: _invoked(scene, name, each) for each in it.functions},
        "function_names": {each: scene.names.of("function", name, each) for each in it.functions},
        "store_secret_arns": {each: f"{secret}{each}" for each in it.stores},
    }


def door() -> dict[str, object]:
    """Return what `door` tells who delivers the site."""
    return {"site_bucket": "site", "front_id": "E2EXAMPLE"}


def _invoked(scene: Scene, product: str, name: str) -> str:
    function = function_arn(scene, product, name)
    path = f"2015-03-31/functions/{function}/invocations"
    return f"arn:aws:apigateway:{scene.region}:lambda:path/{path}"


def function_arn(scene: Scene, product: str, name: str) -> str:
    """Return the ARN of the version of a function that is in use."""
    called = scene.names.of("function", product, name)
    return f"arn:aws:lambda:{scene.region}:{ACCOUNT}:function:{called}:live"


def make_function(arn: str, code: str, ministack: str) -> None:
    """Make a function whose code is `handle` of one file, with the version in use that is named."""
    region, name = arn.split(":")[3], arn.split(":")[6]
    role = client("iam", ministack, region).create_role(
        RoleName=name, AssumeRolePolicyDocument="{}"
    )
    lambdas = client("lambda", ministack, region)
    lambdas.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="code.handle",
        Code={"ZipFile": zipped({"code.py": code.encode()})},
        Publish=True,
    )
    lambdas.create_alias(FunctionName=name, Name="live", FunctionVersion="1")


def remote(scene: Scene, url: str | None = None) -> dict[str, dict[str, object]]:
    """Return what all roots of an environment tell that others read, by path."""
    env, b = scene.environment, scene.blueprint
    return {
        f"{env}/network": network(scene, url),
        f"{env}/platform": platform(scene, url),
        f"{env}/door": door(),
        **{f"{env}/{product_root(name)}": product(scene, name) for name in b.products},
    }
