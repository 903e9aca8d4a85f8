"""What we put into the emulator: secrets, and the site's files."""

import json
import os
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from matapalo.errors import StartFailed
from matapalo.local.emulator.site import SiteFile
from matapalo.local.spec import Aws, SecretsKept, SiteUploaded


def put(action: SecretsKept | SiteUploaded) -> None:
    """Put secrets or a site into the emulator. Raises StartFailed where it refuses."""
    try:
        match action:
            case SecretsKept():
                _keep_secrets(action)
            case SiteUploaded():
                _upload_site(action)
    except (BotoCoreError, ClientError) as error:
        raise StartFailed(
            f"the emulated AWS refuses: {error}", where=action.aws.endpoint
        ) from error


def client_of(aws: Aws, service: str) -> Any:
    """Return a client that knows nothing but what it is given: no profile, no file, no proxy."""
    nothing = (None, None, None, None)
    nowhere = (None, None, os.devnull, None)
    session = botocore.session.Session(
        session_vars={"profile": nothing, "config_file": nowhere, "credentials_file": nowhere}
    )
    return boto3.Session(botocore_session=session).client(
        service,
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id=aws.key_id,
        aws_secret_access_key=aws.key,
        config=Config(proxies={}, s3={"addressing_style": "path"}),
    )


def _make_bucket(client: Any, bucket: str) -> None:
    """Make a bucket whose files anybody may read: on AWS only CloudFront may, here only the edge
    comes by."""
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
        client.create_bucket(Bucket=bucket)
    client.delete_public_access_block(Bucket=bucket)
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_readable(bucket)))


def _readable(bucket: str) -> dict[str, Any]:
    """Return the policy. Who may not list a bucket is told 403 and not 404 of what is not there."""
    files = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    absences = {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    everybody = {"Effect": "Allow", "Principal": "*"}
    return {"Version": "2012-10-17", "Statement": [everybody | files, everybody | absences]}


def _tags(client: Any, bucket: str) -> dict[str, str]:
    """Return what is in the bucket: key → MD5 of the content."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {o["Key"]: o["ETag"].strip('"') for page in pages for o in page.get("Contents", ())}


def _files(folder: Path) -> Iterator[SiteFile]:
    """Yield the folder's files, but for hidden ones."""
    for path in sorted(folder.rglob("*")):
        key = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in key.split("/")):
            yield SiteFile(key, path.read_bytes())


def _keep_secrets(action: SecretsKept) -> None:
    """Make each value the current one of its secret."""
    client = client_of(action.aws, "secretsmanager")
    for name, value in action.values:
        try:
            current = client.get_secret_value(SecretId=name)["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            client.create_secret(Name=name, SecretString=value)
        else:
            if current != value:
                client.put_secret_value(SecretId=name, SecretString=value)


def _upload_site(action: SiteUploaded) -> None:
    """Make the bucket hold the folder's files and no others; only what changed is sent."""
    if not action.folder.is_dir():
        raise StartFailed("the site's folder is not there", where=str(action.folder))
    client = client_of(action.aws, "s3")
    _make_bucket(client, action.bucket)
    gone = _tags(client, action.bucket)
    for file in _files(action.folder):
        if gone.pop(file.key, None) != file.tag:
            client.put_object(Bucket=action.bucket, Key=file.key, Body=file.content, **file.headers)
    for key in gone:
        client.delete_object(Bucket=action.bucket, Key=key)
