"""The command line: one thin file a group of verbs. It talks, wires and prints.

matapalo check | schema | init            the blueprint
matapalo up | down | status | logs | restart   the system on this machine
matapalo slices | advance | back | gates | approve | verify | crossings | ledger   the slices
matapalo differences                           how the two sides' answers differ
matapalo render                                what AWS gets: Terraform, manifests, pipelines
matapalo edge | authorize | function | conduct | compare | aws   the processes of the system
matapalo demo                                  the example wallet, moved under live traffic
"""

from matapalo.cli.main import main

__all__ = ["main"]
