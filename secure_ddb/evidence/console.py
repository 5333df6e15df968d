"""How evidence is printed: in a terminal with indented paragraphs, elsewhere each line as one."""

from __future__ import annotations

import os

try:
    from rich.console import Console
    from rich.padding import Padding
except ImportError as error:
    raise ImportError("the summary needs rich: pip install 'secure-ddb[report]'") from error

_INDENT = 2


def summary_console(*, to_errors: bool = False) -> Console:
    """Return a console for standard output, or for standard error."""
    # The CDK CLI sets FORCE_COLOR=0 where its own output is no terminal, and rich takes any value for a yes.
    colors = False if os.environ.get("FORCE_COLOR") == "0" else None
    # Names are printed as they are: `:secret:` in an ARN is not an emoji.
    return Console(stderr=to_errors, force_terminal=colors, highlight=False, emoji=False)


def print_line(text: str, console: Console, level: int = 0) -> None:
    """Print a line of markup; in a terminal it wraps below its indent, in a log or a file it stays one line."""
    if console.is_terminal and level:
        console.print(Padding(text, (0, 0, 0, _INDENT * level), expand=False))
    else:
        console.print(f"{' ' * _INDENT * level}{text}", soft_wrap=not console.is_terminal)
