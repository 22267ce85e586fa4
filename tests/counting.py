"""How often functions are called, which no load of the machine changes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

#: Functions that everything goes through: of what is worked out for a cell or a text, none more than once.
HOT = ("clean", "read_number", "field_of", "plain", "is_empty", "replace")


def counted(run: Callable[[], object]) -> Mapping[str, int]:
    """How often the hot functions are called in a call."""
    calls: Counter[str] = Counter()
    codes: dict[object, str] = {}

    def tell(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            code = frame.f_code
            if code not in codes:
                place = Path(code.co_filename)
                counts = "perfeval_xl" in place.parts or place.name == "dataclasses.py"
                codes[code] = code.co_name if counts and code.co_name in HOT else ""
            calls[codes[code]] += 1

    run()
    sys.setprofile(tell)
    try:
        run()
    finally:
        sys.setprofile(None)
    return {name: calls[name] for name in HOT}
