"""Files and bytes become grids; nothing is written here."""
