"""The progress bar of every command."""

from typing import Any

_PATIENCE = 2.0


def progress_bar(total: int, what: str, unit: str = 'frame') -> Any:
    """
    Return a tqdm bar on standard error; use it in a ``with`` statement.

    It shows on a terminal only, and only if the work takes more than two seconds.

    :param total: how many to expect
    :param what: the name of the work
    """
    from tqdm import tqdm

    # disable=None: no bar where standard error is no terminal.
    return tqdm(total=total or None, desc=what, unit=unit, delay=_PATIENCE, disable=None,
                leave=False)
