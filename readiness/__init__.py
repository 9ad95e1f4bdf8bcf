"""readiness: is this LLM application ready for production, and what proves it."""

from typing import Final

__version__: Final = "0.1.0"
RUBRIC: Final = "2026.11"
"""Version of the claims, weights and thresholds. Scores compare only inside one rubric."""
