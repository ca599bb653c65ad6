"""What the wheel holds: the library, and as a part of it the workflow that lies around it here."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("scripts"), "anonify.workflow"],
    package_dir={"": "scripts", "anonify.workflow": "."},
    package_data={
        "anonify": ["py.typed", "**/*.pyi", "**/*.yaml", "**/*.j2", "**/*.css", "**/*.js"],
        "anonify.workflow": [
            "Snakefile",
            "CITATION.cff",
            "LICENSE",
            # One by one: a checkout may have descriptions of its user's own tables.
            "config/adult.yaml",
            "config/anomed.yaml",
            "config/config.schema.yaml",
            "config/config.yaml",
            "config/datasets/adult.yaml",
            "config/datasets/diabetes.yaml",
            "config/paper/*",
            "envs/anonify.yaml",
            "profiles/**",
            "rules/**",
            "scripts/*.py",
        ],
    },
    include_package_data=False,
)
