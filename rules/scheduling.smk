"""When Snakemake looks for jobs to start, and how it takes note that it should end.

On one machine it looks as a job ends, and not every moment. Its limit of 100 started jobs a second arms a timer at each look at jobs that wait for a core, and
each timer leads to another look. So there is a timer for each job that has ended: with a hundred of
them it looks a hundred times a second, and takes as long as the jobs. The limit spares the queue
of a cluster; on one machine the number of cores is the limit.
"""

import signal
import threading
from _thread import start_new_thread

USUAL_LIMIT = 100, 1


def look_as_jobs_end():
    """Take the limit away, unless somebody gave one."""
    limit = workflow.scheduler.job_rate_limiter
    if workflow.local_exec and limit and (limit.max_jobs, limit.timespan) == USUAL_LIMIT:
        workflow.scheduler.job_rate_limiter = None


def hear_of_the_end():
    """Take note of SIGTERM in a thread of its own.

    Snakemake's handler waits for a lock that the code which it interrupts may hold, and then for
    ever. A `Thread` would need locks, too.
    """
    if threading.current_thread() is threading.main_thread():
        end = workflow.scheduler.exit_gracefully
        signal.signal(signal.SIGTERM, lambda *_: start_new_thread(end, ()))
