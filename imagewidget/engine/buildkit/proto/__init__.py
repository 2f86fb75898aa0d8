"""The messages of BuildKit's protocols, as far as they are used here."""
