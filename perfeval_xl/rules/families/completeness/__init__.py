"""PE7xx: is what must be there filled in, and can it be what it says."""
