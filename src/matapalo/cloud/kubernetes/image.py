"""The one image of everything that is Matapalo's: each pod runs another of its verbs."""

from matapalo.cloud.kubernetes.pod import USER
from matapalo.cloud.tree import Tree

_TEXT = """\
# Edge, authorizer, conductor, comparison and streams: one image, another verb each.
#
#     docker build --platform linux/amd64 --tag <registry>/<system>-<environment>/matapalo:<tag> .
#
# The wheel is taken from wheels/ if it lies there, else from the package index. The blueprint is
# not in it: pods read theirs from kubernetes/<environment>/matapalo/config.yaml.
FROM python:3.13-slim-bookworm AS build
ARG MATAPALO="matapalo[pods]"
COPY wheel[s]/ /wheels/
RUN python -m venv /opt/matapalo \\
    && mkdir -p /wheels \\
    && /opt/matapalo/bin/pip install --no-cache-dir --no-compile --find-links /wheels "$MATAPALO" \\
    && /opt/matapalo/bin/python -m compileall -q /opt/matapalo

FROM python:3.13-slim-bookworm
RUN useradd --uid {user} --no-create-home --shell /usr/sbin/nologin matapalo
COPY --from=build /opt/matapalo /opt/matapalo
ENV PATH=/opt/matapalo/bin:$PATH \\
    PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1
USER {user}:{user}
WORKDIR /tmp
HEALTHCHECK NONE
CMD ["matapalo", "--help"]
"""


def render() -> Tree:
    """Return the Dockerfile."""
    return Tree({"Dockerfile": _TEXT.format(user=USER)})
