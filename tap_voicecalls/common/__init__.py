"""What every other package may use: errors, times, windows of time, text that is safe to show.

It owns no state and does no input or output. It imports nothing of the project.
"""
