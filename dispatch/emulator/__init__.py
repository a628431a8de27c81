"""A server that behaves as FCM does (docs/fcm.md), for the demonstration and for tests.

It speaks the OAuth token exchange and `messages:send`, remembers what each push target received,
and lets simulated phones read it. Nothing here is imported by the sending code: firebase-admin
talks to it over HTTP, as it would to Google. Chosen only by FCM_EMULATOR_URL.
"""
