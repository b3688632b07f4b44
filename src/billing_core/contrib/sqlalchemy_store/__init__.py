"""A store on SQLAlchemy Core: SQLite out of the box, portable SQL for the rest. Needs the extra ``sql``."""
