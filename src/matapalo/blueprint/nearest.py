"""What a person may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_LISTED = 15


def nearest(word: str, known: Iterable[str], *, noun: str = "known here") -> str:
    """Return a hint for a word that is not among `known`: the nearest, or which there are."""
    names = sorted(set(known))
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not names:
        return ""
    listed = ", ".join(names[:MOST_LISTED])
    return f"{noun}: {listed}{', …' if len(names) > MOST_LISTED else ''}"
