"""What a company has on AWS before: the emulator is given it, and the blueprint its numbers."""

from collections.abc import Iterable
from typing import Any

import boto3
from botocore.config import Config

from tests.cloud.terraform import Emulators

REGION = "us-east-1"


def client(emulators: Emulators, service: str, at: str = "moto") -> Any:
    """Return a client of one service of an emulator."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=getattr(emulators, at),
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"}),
    )


def organization(emulators: Emulators, groups: Iterable[str]) -> dict[str, str]:
    """Make an organization with one account, and a directory's groups.

    Return the numbers of the wallet's blueprint, and those that stand for them here.
    """
    organizations = client(emulators, "organizations")
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]
    account = organizations.create_account(Email="data@totumo.example", AccountName="analytics")
    instance = client(emulators, "sso-admin").list_instances()["Instances"][0]
    people = client(emulators, "identitystore")
    for group in groups:
        people.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName=group)
    return {
        "111122223333": made["MasterAccountId"],
        "444455556666": account["CreateAccountStatus"]["AccountId"],
    }


def transit_gateway(emulators: Emulators) -> dict[str, str]:
    """Make the bank's transit gateway."""
    made = client(emulators, "ec2").create_transit_gateway()["TransitGateway"]
    return {"tgw-0123456789abcdef0": made["TransitGatewayId"]}
