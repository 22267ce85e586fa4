"""How Alembic runs the migrations: on the connection it is given (``store.opening``), in that connection's transaction."""

from alembic import context

from perfeval_xl.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
