"""Keras picks its backend when it is imported: tests that need one run in processes of their own, with it set."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("KERAS_BACKEND") else ["on_keras"]
