"""Results kept in a database: SQLite by default, PostgreSQL by its URL. The same tables, the same answers."""
