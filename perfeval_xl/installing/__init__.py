"""Setting a clerk's computer up for the buttons in Excel, looking it over, and taking everything away again."""
