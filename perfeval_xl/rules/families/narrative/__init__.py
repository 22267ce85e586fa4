"""PE6xx: what the report says, against itself and the forms."""
