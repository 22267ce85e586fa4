"""Hosts read real workbooks into the host-neutral grid; ``loading.read_book`` picks one by content."""
