"""Describe a table and propose a run on it; the command `anonify init`."""

from anonify.commands.initialization import init

if __name__ == "__main__":
    init()
