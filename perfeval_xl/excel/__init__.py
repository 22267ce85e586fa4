"""What the workbook's buttons and functions call."""
