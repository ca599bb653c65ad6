"""Offer an anonymizer on the AnoMed platform; the command `anonify serve`."""

from anonify.commands.serving import serve

if __name__ == "__main__":
    serve()
