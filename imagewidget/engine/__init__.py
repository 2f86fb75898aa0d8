"""Everything that talks to Docker; nothing here depends on a display."""
