"""What can go wrong, in one tree.

    MatapaloError               a sentence for a person; the command line exits with 1
    ├── BlueprintError          the blueprint is wrong: every problem, each with its place
    ├── EdgeError
    │   ├── ConfigRejected      Envoy refused a configuration and keeps the one before
    │   └── EdgeSilent          Envoy or an edge does not answer
    ├── LocalError
    │   ├── AlreadyUp           another `up` holds this folder
    │   ├── NotUp               nothing runs from this folder
    │   ├── PortTaken           a port that the blueprint names is in use
    │   ├── StartFailed         a process did not become healthy
    │   └── FolderUnusable      the state folder cannot be written
    └── ConductorError
        ├── UnknownSlice        no slice of that name
        ├── MoveRefused         a stage that cannot be reached from here
        ├── GatesNotPassed      a gate failed, or has too little to judge by
        ├── ConductorBusy       another conductor, or another move, is at work
        └── ConductorSilent     the conductor does not answer

Every error says what happened, where, and what to do about it.
"""


class MatapaloError(Exception):
    """Something a person can act upon.

    `what` is one sentence; `where` a file:line:column, a path in the blueprint, a process or a
    slice; `hint` what to do.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  {self.hint}" if self.hint else text


class EdgeError(MatapaloError):
    """Something at the door."""


class ConfigRejected(EdgeError):
    """Envoy refused a configuration; the one before stays in force."""


class EdgeSilent(EdgeError):
    """Envoy or an edge does not answer."""


class LocalError(MatapaloError):
    """Something on this machine."""


class AlreadyUp(LocalError):
    """Another `up` holds this folder."""


class NotUp(LocalError):
    """Nothing runs from this folder."""


class PortTaken(LocalError):
    """A port that the blueprint names is in use."""


class StartFailed(LocalError):
    """A process did not become healthy."""


class FolderUnusable(LocalError):
    """The state folder cannot be written."""


class ConductorError(MatapaloError):
    """Something about a slice or its way."""


class UnknownSlice(ConductorError):
    """No slice of that name."""


class MoveRefused(ConductorError):
    """A stage that cannot be reached from here."""


class GatesNotPassed(ConductorError):
    """A gate failed, or has too little to judge by."""


class ConductorBusy(ConductorError):
    """Another conductor, or another move, is at work."""


class ConductorSilent(ConductorError):
    """The conductor does not answer."""
