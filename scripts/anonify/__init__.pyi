from anonify.datasets.described import read_dataset as read_dataset
from anonify.frames.anonymization import anonymize as anonymize
from anonify.frames.anonymization import sample as sample
from anonify.frames.assessment import Assessment as Assessment
from anonify.frames.assessment import assess as assess
from anonify.frames.files import FileRelease as FileRelease
from anonify.frames.files import anonymize_file as anonymize_file
from anonify.frames.generalization import read_hierarchy as read_hierarchy
from anonify.frames.proposals import Proposals as Proposals
from anonify.frames.proposals import propose as propose
from anonify.frames.release import Release as Release
from anonify.methods import METHODS as METHODS

__version__: str
