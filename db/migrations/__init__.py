"""The history of the schema; ``db.migrate`` runs it. ``versions`` holds one generated and tidied file per change."""
