"""The one refusal of the embedded servers: a sentence that says what to do."""


class EmbeddedServersError(Exception):
    """Why PostgreSQL or Valkey cannot run here, in one sentence a person can act upon."""
