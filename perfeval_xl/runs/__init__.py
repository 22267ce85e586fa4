"""One file for each thing a user can ask for; the command line and the buttons call these."""
