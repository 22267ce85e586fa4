"""The template's sheets: what stands in every cell (`forms`, `pages`), how it looks (`looks`), how it is written."""
