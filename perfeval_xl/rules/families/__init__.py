"""The rules, one module or folder a family."""
