"""Say whether a dataset is described well; the command `anonify check`."""

from anonify.commands.checking import check

if __name__ == "__main__":
    check()
