"""Draw stratified samples as a JSON file says; the command `anonify sample`."""

from anonify.commands.stratified_sampling import sample

if __name__ == "__main__":
    sample()
