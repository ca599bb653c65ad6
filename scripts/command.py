"""The command `anonify`, where it is not installed: `python scripts/command.py check NAME`."""

from anonify.commands import main

if __name__ == "__main__":
    main(prog_name="anonify")
