"""Runs the migrations on the connection that service.records.migrating hands over."""

from alembic import context

from service.records.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
context.run_migrations()
