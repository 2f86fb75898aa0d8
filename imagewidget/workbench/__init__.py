"""ImageWidget: the interactive panel."""
