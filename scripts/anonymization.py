"""k-anonymize a dataset as a JSON file says; the command `anonify anonymize`."""

from anonify.commands.anonymization import anonymize

if __name__ == "__main__":
    anonymize()
