"""A system like that of bench/render.py as an AWS CDK app: build and synthesize it, tell how long.

    PYTHON bench/_cdk.py SERVICES PER_PRODUCT     (an interpreter that has aws-cdk-lib, and Node.js)

It has what Terraform makes of each service on AWS: a table and its alarm, a repository of images, a
role of its pods and one of its pipeline, with the rights on what it uses; and a dashboard for each
product. It has no Kubernetes manifests, pipelines or network: it is asked for less than the render.
"""

import json
import sys
import tempfile
import time

from aws_cdk import App, Environment, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

PODS = "pods.eks.amazonaws.com"


def main(services: int, per_product: int) -> None:
    """Print what it took, in seconds, and how many resources there are."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        app = App(outdir=folder)
        for number in range(services // per_product):
            _product(app, f"p{number}", per_product)
        made = app.synth()
        took = time.perf_counter() - began
        resources = sum(len(stack.template.get("Resources", {})) for stack in made.stacks)
    print(json.dumps({"seconds": took, "resources": resources}))


def _product(app: App, name: str, services: int) -> None:
    home = Environment(region="us-east-1", account="111122223333")
    stack = Stack(app, f"large-prod-{name}", env=home, termination_protection=True)
    key = kms.Key(stack, "key", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
    tables = [_service(stack, name, f"s{number}", key) for number in range(services)]
    cloudwatch.Dashboard(
        stack,
        "dashboard",
        dashboard_name=f"large-prod-{name}",
        widgets=[[cloudwatch.GraphWidget(left=[it.metric_user_errors()])] for it in tables],
    )


def _service(stack: Stack, product: str, name: str, key: kms.Key) -> dynamodb.Table:
    called = f"large-prod-{product}-{name}"
    table = dynamodb.Table(
        stack,
        f"{name}-data",
        table_name=f"{called}-data",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
        encryption_key=key,
        deletion_protection=True,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )
    table.metric_user_errors().create_alarm(
        stack, f"{name}-refused", threshold=1, evaluation_periods=1
    )
    pods = iam.Role(
        stack,
        f"{name}-pods",
        role_name=f"{called}-pods",
        assumed_by=iam.ServicePrincipal(PODS).with_session_tags(),
    )
    table.grant_read_write_data(pods)
    eks.CfnPodIdentityAssociation(
        stack,
        f"{name}-identity",
        cluster_name="large-prod",
        namespace=product,
        service_account=name,
        role_arn=pods.role_arn,
    )
    images = ecr.Repository(
        stack,
        f"{name}-images",
        repository_name=f"large-prod/{product}/{name}",
        image_scan_on_push=True,
        image_tag_mutability=ecr.TagMutability.IMMUTABLE,
        encryption_key=key,
    )
    images.add_lifecycle_rule(max_image_count=50)
    delivers = iam.Role(
        stack,
        f"{name}-delivers",
        role_name=f"{called}-delivers",
        assumed_by=iam.AccountRootPrincipal(),
    )
    images.grant_pull_push(delivers)
    return table


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
