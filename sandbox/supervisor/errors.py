"""The one refusal of the supervisor: a sentence that says what to do."""


class SupervisorError(Exception):
    """Why the platform cannot run here, in one sentence a person can act upon."""
