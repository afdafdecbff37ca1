"""Vonage's asynchronous reports: requested, awaited, downloaded, read.

Source: Vonage Reports API reference. It owns everything about `POST /v2/reports` and the files; the
stream hands it a range of time and a function that makes rows. It imports nothing of the stream.
"""
