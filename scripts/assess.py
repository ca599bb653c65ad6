"""Say what a released table keeps and what risk it leaves; the command `anonify assess`."""

from anonify.commands.assessment import assess

if __name__ == "__main__":
    assess()
