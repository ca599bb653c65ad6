"""How evaluations are drawn: one module an evaluation, named as in measures."""

from anonify.base.extras import require

require("workflow", "drawing figures")
