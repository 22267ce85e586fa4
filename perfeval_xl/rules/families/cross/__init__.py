"""PE5xx: form against form."""
