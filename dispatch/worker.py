"""An RQ worker whose forks are ready at once and share no database socket.

Django and this package are imported by the parent, so a fork starts in milliseconds instead of half
a second (docs/decisions/0004-postgresql-is-the-queue.md). SIGTERM reaches the fork too: it sends
what is under way, claims nothing more, and the worker ends within one batch instead of a whole run.
"""

import os
import signal
from contextlib import suppress
from types import FrameType

from django.db import connections
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.worker import WorkerStatus

import dispatch.draining  # noqa: F401 - imported here, or each fork would do it
from dispatch import jobs


class PreloadedWorker(Worker):
    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        connections.close_all()
        super().fork_work_horse(job, queue)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a job unless we were asked to stop while the last one was being put away.

        RQ looks for a request before it goes idle, and takes one that comes in between for a busy
        worker's: it would be heeded minutes later, when the wait for a job runs out.
        """
        self.set_state(WorkerStatus.IDLE)
        if self._stop_requested:
            raise StopRequested
        return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()
        signal.signal(signal.SIGTERM, _stop)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    jobs.stopping.set()
