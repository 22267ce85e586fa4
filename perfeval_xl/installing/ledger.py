"""What this program has written and where, so that it replaces and removes only files nobody has changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from perfeval_xl.files import write_atomically
from perfeval_xl.records import dataclass, field


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(slots=True)
class Ledger:
    """Digests of written files by path, in a file of its own; a damaged one counts as empty."""

    path: Path
    written: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Ledger:
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            written = {str(name): str(value) for name, value in read["written"].items()}
            return cls(path, written, dict(read["notes"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path)

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Escaped, since names and former settings may hold bytes that are no text.
        write_atomically(
            self.path, json.dumps({"written": self.written, "notes": self.notes}, indent=1).encode()
        )

    def record(self, path: Path, data: bytes) -> None:
        self.written.pop(str(path), None)  # the newest stands last
        self.written[str(path)] = digest(data)

    def is_ours(self, path: Path) -> bool:
        """Whether the file is exactly as this program wrote it."""
        known = self.written.get(str(path))
        try:
            return known is not None and known == digest(path.read_bytes())
        except OSError:
            return False
