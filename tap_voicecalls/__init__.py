"""Singer tap for the call records of voice-agent and telephony providers."""
