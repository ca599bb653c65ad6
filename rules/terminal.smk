"""What a run shows on the terminal: a line for each job, and all that went wrong.

The log of Snakemake, in .snakemake/log/, has everything; so has the terminal with `--verbose`, with
`--dry-run`, and where the workflow is a module of another one.
"""

import logging
from pathlib import Path

from snakemake.logging import ColorizingTextHandler, logger, show_logs
from snakemake_interface_logger_plugins.common import LogEvent

# What Snakemake says of itself in a run that goes well.
CHATTER = (
    "Assuming unrestricted shared filesystem usage",
    "Building DAG of jobs",
    "Conda environments: ignored",
    "Config file",
    "Select jobs to execute",
    "Using shell",
)
CHATTING = (
    LogEvent.JOB_FINISHED,
    LogEvent.JOB_STARTED,
    LogEvent.PROGRESS,
    LogEvent.RESOURCES_INFO,
    LogEvent.RUN_INFO,
    LogEvent.WORKFLOW_STARTED,
)


class JobLines(logging.Formatter):
    """Chooses and writes what is shown.

    Parameters
    ----------
    usual : the formatter for what we have no form of our own for.
    """

    def __init__(self, usual):
        super().__init__()
        self.usual = usual
        self.jobs = {}
        self.total = None
        self.failed = False

    def filter(self, record):
        """Tell whether a record is shown."""
        event, text = getattr(record, "event", None), str(record.msg)
        if event == LogEvent.RUN_INFO:
            # Targets such as `all` have no message, and make nothing.
            named = {rule.name for rule in workflow.rules if rule.message}
            self.total = sum(n for rule, n in record.stats.items() if rule in named)
        if event == LogEvent.JOB_INFO:
            return bool(record.rule_msg)
        if text.startswith("Complete log"):
            return self.failed
        # It says only that the script ended, as it does when it has said why.
        is_bare = text.startswith("RuleException:\nCalledProcessError") and text.endswith(" 1.")
        is_chatter = event is None and text.startswith(CHATTER)
        return not (is_bare or is_chatter or event in CHATTING)

    def format(self, record):
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_INFO:
            return self.begin(record)
        if event == LogEvent.JOB_ERROR:
            self.failed = True
            return self.explain(record)
        return self.usual.format(record)

    def begin(self, record):
        """Write the line of a job."""
        self.jobs[record.jobid] = record.rule_msg
        if self.total is None:
            return record.rule_msg
        return f"[{len(self.jobs):{len(str(self.total))}}/{self.total}] {record.rule_msg}"

    def explain(self, record):
        """Name a failed job with its log, and show that where its last word was not seen here."""
        name = self.jobs.get(record.jobid, record.rule_name)
        lines = [f"Failed: {name} (rule {record.rule_name}, log {', '.join(record.log)})"]
        lines += [f"{key}: {value}" for key, value in record.aux.items()]
        if self.usual.show_failed_logs and not (workflow.local_exec and has_ended(record.log)):
            lines += show_logs(record.log)
        return "\n".join(lines)


def has_ended(logs):
    """Tell whether a job ended with a sentence for its user, which it tells on the terminal."""
    texts = [Path(log).read_text(errors="replace") for log in logs if Path(log).exists()]
    ends = ("".join(texts).splitlines() or [""])[-1]
    return ends.startswith("error: ")


def show_jobs():
    """Let the terminal show our lines, where nobody asked for more."""
    settings = workflow.output_settings
    ours = Path(workflow.current_basedir).parent / "Snakefile"
    is_module = Path(workflow.main_snakefile).resolve() != ours.resolve()
    if settings.dryrun or settings.verbose or is_module:
        return
    for handler in logger.handlers:
        if isinstance(handler, ColorizingTextHandler):
            lines = JobLines(handler.formatter)
            handler.addFilter(lines)
            handler.setFormatter(lines)


show_jobs()
