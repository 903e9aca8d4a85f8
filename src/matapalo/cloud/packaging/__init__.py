"""Zips of functions, for Terraform to begin them with.

    a function's folder ─┐
    requirements.txt ─pip┴─▶ files by name ─zipped─▶ functions/<product>/<name>.zip
    our own sources ─────┐
    what they import ─pip┴─▶ ───────────────────────▶ authorizer.zip
    functions/rotate, functions/secrets ────────────▶ rotate.zip, secrets.zip

The same files make the same bytes, so that Terraform sees a change only where there is one.
"""

from matapalo.cloud.packaging.build import Target, build

__all__ = ["Target", "build"]
