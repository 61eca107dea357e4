"""What a worker does for conversations beside answering."""

from celery.signals import worker_ready

from conversations import sweeping

worker_ready.connect(sweeping.begin)
