"""A worker that was asked to stop does so, whatever it was doing at that moment."""

import pytest
from django_rq.workers import get_worker
from rq.exceptions import StopRequested
from rq.worker import WorkerStatus

from dispatch.worker import PreloadedWorker


def test_a_request_that_comes_while_a_job_is_put_away_is_heeded_at_once(queue_server):
    worker = get_worker("normal", worker_class=PreloadedWorker)
    worker.register_birth()
    worker.set_state(WorkerStatus.BUSY)  # still, after its job has ended
    worker._stop_requested = True  # what RQ notes of a busy worker's SIGTERM
    with pytest.raises(StopRequested):
        worker.dequeue_job_and_maintain_ttl(timeout=5)


def test_a_worker_that_nobody_asked_to_stop_looks_into_its_queues(queue_server):
    worker = get_worker("normal", worker_class=PreloadedWorker)
    worker.register_birth()
    assert worker.dequeue_job_and_maintain_ttl(timeout=None) is None
