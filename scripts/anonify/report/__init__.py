"""The page on a run, and the archive of it."""

from anonify.base.extras import require

require("workflow", "writing the report")
