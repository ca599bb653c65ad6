"""What the wheel holds: the library, and as a part of it the workflow that lies around it here."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("scripts"), "anonify.workflow"],
    package_dir={"": "scripts", "anonify.workflow": "."},
    package_data={
        "anonify": ["py.typed", "**/*.pyi", "**/*.yaml", "**/*.j2", "**/*.css"],
        "anonify.workflow": [
            "Snakefile",
            "CITATION.cff",
            "LICENSE",
            "config/**",
            "envs/anonify.yaml",
            "profiles/**",
            "rules/**",
            "scripts/*.py",
        ],
    },
    include_package_data=False,
)
