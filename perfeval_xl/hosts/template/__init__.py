"""Our own workbook: found, filled, evaluated."""
