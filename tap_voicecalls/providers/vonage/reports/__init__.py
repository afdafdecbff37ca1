"""Vonage's asynchronous reports: requested, awaited, downloaded, read.

Source: Vonage Reports API reference. The package owns `POST /v2/reports` and the files. The stream
passes a range of time and a function that makes rows; the package does not import the stream.
"""
