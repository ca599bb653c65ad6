"""What is measured of a released table: one module an evaluation."""
