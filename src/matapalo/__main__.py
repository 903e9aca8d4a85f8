"""`python -m matapalo` is `matapalo`."""

from matapalo.cli import main

main()
