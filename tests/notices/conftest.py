"""The scene of an objection."""

from tests.scenes import later, scene

__all__ = ["later", "scene"]
