"""The messages of BuildKit's protocols that are used here."""
